"""The last mark of a sentence: captions leave it out, and so do models that translate them. Pure."""

from __future__ import annotations

import regex

_STOPS = {"ja": "。", "zh": "。", "yue": "。", "hi": "।"}
_NONE = ("th", "lo", "km")  # languages that write none
_OPEN = regex.compile(r"[\p{L}\p{N}\p{M}%℃°$€][\"'”’»」』)）\]]*$")
_ASKED = regex.compile(r"[?？]\s*[”」』]?$|[吗呢][”」』]?$")


def finished(source: str, target: str, language: str) -> str:
    """The translation with a full stop where it ends in a word, as every other sentence of the episode does.

    A source that stops in the middle (a comma, a colon, a dash) or asks is left as the engine ended it, and so is
    Chinese that is only written in other characters.

    Arguments:
        language: BCP-47 of the translation.
    """
    primary = language.split("-")[0].casefold()
    text = target.strip()
    if primary == "zh" and regex.search(r"\p{Han}", source):
        return text
    wanted = _OPEN.search(text) and not _ASKED.search(source) and not regex.search(r"[,，、:：;；…—-]\s*$", source)
    return text + _STOPS.get(primary, ".") if wanted and primary not in _NONE else text
