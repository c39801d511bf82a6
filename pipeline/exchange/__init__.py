"""Files for editors who work without the review page, and what a corrected one would change.

`FORMATS` writes and reads files of units, `read_document` reads one by its suffix; `plan_import` says what a file of
units would change, `plan_cues` what a subtitle file would. All of it is pure: `pipeline.stages.exchange` is the edge.
"""

from pipeline.exchange.base import Change, Document, ExchangeUnit, Limits, Past
from pipeline.exchange.cues import Shown, plan_cues
from pipeline.exchange.formats import CUE_FORMATS, FORMATS, format_name, read_document
from pipeline.exchange.planning import plan_import

__all__ = [
    "CUE_FORMATS",
    "FORMATS",
    "Change",
    "Document",
    "ExchangeUnit",
    "Limits",
    "Past",
    "Shown",
    "format_name",
    "plan_cues",
    "plan_import",
    "read_document",
]
