"""Timed lines in, translated sentences in the store."""

from pipeline.translation.engines.base import Context
from pipeline.translation.requests import Knowledge
from pipeline.translation.stage import TranslationResult, translate_episode
from pipeline.translation.units import TranslatedUnit, Unit, group_sentences

__all__ = [
    "Context",
    "Knowledge",
    "TranslatedUnit",
    "TranslationResult",
    "Unit",
    "group_sentences",
    "translate_episode",
]
