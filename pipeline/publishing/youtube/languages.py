"""How YouTube spells languages."""

from __future__ import annotations

import difflib

from pipeline.languages import Language
from pipeline.publishing.reasons import UnknownLanguageError

NAME, TITLE = "youtube", "YouTube"

# What i18nLanguages.list returns (developers.google.com/youtube/v3/docs/i18nLanguages), and the scripts of Chinese,
# which captions take too. A region of one of these is taken as well.
KNOWN = (
    "af", "am", "ar", "as", "az", "be", "bg", "bn", "bs", "ca", "cs", "da", "de", "el", "en", "en-GB", "en-IN", "es",
    "es-419", "es-US", "et", "eu", "fa", "fi", "fil", "fr", "fr-CA", "gl", "gu", "hi", "hr", "hu", "hy", "id", "is",
    "it", "iw", "ja", "ka", "kk", "km", "kn", "ko", "ky", "lo", "lt", "lv", "mk", "ml", "mn", "mr", "ms", "my", "ne",
    "nl", "no", "or", "pa", "pl", "pt", "pt-PT", "ro", "ru", "si", "sk", "sl", "sq", "sr", "sr-Latn", "sv", "sw", "ta",
    "te", "th", "tr", "uk", "ur", "uz", "vi", "zh-CN", "zh-HK", "zh-Hans", "zh-Hant", "zh-TW", "zu",
)  # fmt: skip
# Newer or narrower codes, for which YouTube has an older or wider one.
_SPELT = {"nb": "no", "nn": "no", "he": "iw", "in": "id", "tl": "fil", "sh": "sr", "mo": "ro"}


def spell(language: Language) -> str:
    """YouTube's spelling of a language.

    Raises:
        UnknownLanguageError: YouTube does not know it; the nearest that it knows is named.
    """
    code = language.youtube or language.tag
    primary, _, rest = code.partition("-")
    primary = _SPELT.get(primary.casefold(), primary)
    code = f"{primary}-{rest}" if rest else primary
    spellings = {known.casefold(): known for known in KNOWN}
    if code.casefold() in spellings:
        return spellings[code.casefold()]
    if primary.casefold() in spellings:
        return code
    near = difflib.get_close_matches(code.casefold(), spellings, n=1, cutoff=0.3)
    raise UnknownLanguageError(NAME, TITLE, language, code, nearest=spellings[near[0]] if near else "")
