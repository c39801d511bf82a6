"""Transcript and audio in, timed lines out."""

from pipeline.alignment.aligner import Aligner, AlignSettings
from pipeline.alignment.result import AlignedLine, Alignment, ExtraSpeech, LineStatus

__all__ = ["AlignSettings", "AlignedLine", "Aligner", "Alignment", "ExtraSpeech", "LineStatus"]
