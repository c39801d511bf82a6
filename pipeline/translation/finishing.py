"""The head and the last mark of a sentence: captions leave the mark out, and so do models that translate them. Pure."""

from __future__ import annotations

import regex

_STOPS = {"ja": "。", "zh": "。", "yue": "。", "hi": "।"}
_NONE = ("th", "lo", "km")  # languages that write none
_OPEN = regex.compile(r"[\p{L}\p{N}\p{M}%℃°$€][\"'”’»」』)）\]]*$")
# A first word in small letters alone; iPhone and x86 are names.
_SMALL = regex.compile(r"^[\"“‘«¿¡(]*(\p{Ll}[\p{Ll}'’]*)(?![\p{L}\p{N}_.(-])")
_ASKED = regex.compile(r"[?？]\s*[”」』]?$|[吗呢][”」』]?$")


def finished(source: str, target: str, language: str) -> str:
    """The translation with a capital at its head, and a full stop where it ends in a word, as every other sentence of
    the episode has them.

    A source that stops in the middle (a comma, a colon, a dash) or asks is left as the engine ended it, and so is
    Chinese that is only written in other characters. A first word that the source has in small letters stays: fopen.

    Arguments:
        language: BCP-47 of the translation.
    """
    primary = language.split("-")[0].casefold()
    text = target.strip()
    if primary == "zh" and regex.search(r"\p{Han}", source):
        return text
    head = _SMALL.match(text)
    if head and head[1] not in source:
        text = text[: head.start(1)] + text[head.start(1)].upper() + text[head.start(1) + 1 :]
    wanted = _OPEN.search(text) and not _ASKED.search(source) and not regex.search(r"[,，、:：;；…—-]\s*$", source)
    return text + _STOPS.get(primary, ".") if wanted and primary not in _NONE else text
