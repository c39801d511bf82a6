"""The database: what machines and people translated. Machine work may be redone; people's is never overwritten.

SQLite (WAL) in a file, or PostgreSQL by URL. Every change is one transaction; what is committed survives a
kill. Units are never deleted: when an episode's lines are regrouped, the units that no longer fit are
detached and come back when their sentence does. `Store` is the one door; the other modules are its rooms.

The rooms are loaded when they are asked for: what only reads the history of runs needs no tokenizer of translations.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.store.backup import restore
    from pipeline.store.checking import Problem
    from pipeline.store.comments import Comment, Dismissal
    from pipeline.store.episodes import StoredEpisode
    from pipeline.store.overview import Tally
    from pipeline.store.people import Person
    from pipeline.store.pins import Border, LineEdit, Pin
    from pipeline.store.receipts import Receipt
    from pipeline.store.records import (
        Before,
        Change,
        ConflictError,
        CueSet,
        Kind,
        MachineText,
        Outcome,
        Revision,
        Status,
        StoredUnit,
        Why,
    )
    from pipeline.store.search import Hit, Replacement, Search
    from pipeline.store.store import Store
    from pipeline.store.tables import SCHEMA_VERSION
    from pipeline.store.video_texts import StoredText, TextConflictError, TextRevision

_HOMES = {
    "Before": "records",
    "Border": "pins",
    "Change": "records",
    "Comment": "comments",
    "ConflictError": "records",
    "CueSet": "records",
    "Dismissal": "comments",
    "Hit": "search",
    "Kind": "records",
    "LineEdit": "pins",
    "MachineText": "records",
    "Outcome": "records",
    "Person": "people",
    "Pin": "pins",
    "Problem": "checking",
    "Receipt": "receipts",
    "Replacement": "search",
    "Revision": "records",
    "SCHEMA_VERSION": "tables",
    "Search": "search",
    "Status": "records",
    "Store": "store",
    "StoredEpisode": "episodes",
    "StoredText": "video_texts",
    "TextConflictError": "video_texts",
    "TextRevision": "video_texts",
    "StoredUnit": "records",
    "Tally": "overview",
    "Why": "records",
    "restore": "backup",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


__all__ = [
    "SCHEMA_VERSION",
    "Before",
    "Border",
    "Change",
    "Comment",
    "ConflictError",
    "CueSet",
    "Dismissal",
    "Hit",
    "Kind",
    "LineEdit",
    "MachineText",
    "Outcome",
    "Person",
    "Pin",
    "Problem",
    "Receipt",
    "Replacement",
    "Revision",
    "Search",
    "Status",
    "Store",
    "StoredEpisode",
    "StoredText",
    "StoredUnit",
    "Tally",
    "TextConflictError",
    "TextRevision",
    "Why",
    "restore",
]
