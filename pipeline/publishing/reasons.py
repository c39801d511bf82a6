"""Why something is done, held or left on a platform: a code with its values, and its words for a terminal.

The review page has words of its own for each code, in each of its languages (`publish.why.CODE`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.languages import Language

ReasonCode = Literal[
    "new", "deleted-there", "beside", "changed-here", "replaces-changed", "replaces-foreign", "unknown-there",
    "failed-there", "named-there", "name-stays", "draft-live", "live-draft", "twice",
    "live", "draft", "processing",
    "changed-there", "changed-both", "not-comparable", "not-processed", "earlier-live",
    "unapproved", "draft-unapproved", "untranslated",
    "titles-differ", "title-there", "own-title", "title-old", "title-unapproved",
    "description-old", "description-unapproved",
    "unknown-language", "nearest-language", "not-spelt", "spelt-alike",
    "refused-name", "refused-size", "refused-format", "refused-empty", "refused-overlap", "refused-no-text",
    "refused-past-end", "refused-title", "refused-description", "refused-character", "refused-more",
]  # fmt: skip

WORDS: dict[ReasonCode, str] = {
    "new": "it is not there yet",
    "deleted-there": "somebody deleted it there",
    "beside": "beside another one ({names})",
    "changed-here": "the subtitles changed here",
    "replaces-changed": "replaces what somebody changed there",
    "replaces-foreign": "replaces a track that Zimu did not upload",
    "unknown-there": "what is there is not known",
    "failed-there": "what is there failed ({said})",
    "named-there": "it is called “{name}” there",
    "name-stays": "its name stays “{name}”",
    "draft-live": "the draft is published",
    "live-draft": "it becomes a draft",
    "twice": "it is there twice",
    "live": "unchanged, live",
    "draft": "unchanged, a draft",
    "processing": "unchanged, being processed",
    "changed-there": "somebody changed it there since it was published: see zimu publish fetch; --overwrite "
    "replaces it",
    "changed-both": "somebody changed it there and here since it was published: see zimu publish fetch; --overwrite "
    "replaces it",
    "not-comparable": "somebody changed it there since it was published, and it can't be compared; --overwrite "
    "replaces it",
    "not-processed": "the platform could not process it ({said}); --overwrite sends it again",
    "earlier-live": "viewers see an earlier version",
    "unapproved": "{n} of {total} sentences are not approved",
    "draft-unapproved": "as a draft: {n} of {total} sentences are not approved",
    "untranslated": "it is not translated yet",
    "titles-differ": "title and description differ",
    "title-there": "the title there is not one that Zimu wrote; --overwrite replaces it",
    "own-title": "the video's own title there is in this language, and is left as it is",
    "title-old": "the title is a translation of an earlier one: zimu publish titles",
    "title-unapproved": "the title is not approved: zimu publish titles",
    "description-old": "the description is a translation of an earlier one: zimu publish titles",
    "description-unapproved": "the description is not approved: zimu publish titles",
    "unknown-language": "{platform} does not know the language {code}. Correct `{name}` of [{language}] in "
    "config/languages.toml, or leave it out: --languages",
    "nearest-language": "the nearest that it knows is {code}",
    "not-spelt": "{said}",
    "spelt-alike": "{platform} spells it {code}, like {others}, and has one track a language: publish one of them, "
    "with --languages or publish.languages",
    "refused-name": "{platform} would refuse it: its name has {n} characters, at most {limit} are taken. Shorten "
    "publish.name",
    "refused-size": "{platform} would refuse it: its file has {n} bytes, at most {limit} are taken. Is it the right "
    "episode?",
    "refused-format": "{platform} would refuse it: it takes no .{format}, but {formats}",
    "refused-empty": "{platform} would refuse it: it has no cues. Run the stages before it again",
    "refused-overlap": "{platform} would refuse it: cue {cue} ends at {end_ms} ms, and the next begins at {next_ms} "
    "ms. Correct its times",
    "refused-no-text": "{platform} would refuse it: cue {cue} has no text. Remove it, or write its text",
    "refused-past-end": "{platform} would refuse it: cue {cue} ends at {end_ms} ms, and the video is {video_ms} ms "
    "long. Is it the right video? See publish.videos",
    "refused-title": "{platform} would refuse it: the title has {n} characters, at most {limit} are taken. Shorten it",
    "refused-description": "{platform} would refuse it: the description has {n} bytes, at most {limit} are taken. "
    "Shorten it",
    "refused-character": "{platform} would refuse it: title and description must be without {characters}",
    "refused-more": "and {n} more",
}  # fmt: skip
"""What a person reads in a terminal; the values of each are the places to fill."""

OVERWRITABLE: frozenset[ReasonCode] = frozenset(
    {"changed-there", "changed-both", "not-comparable", "not-processed", "title-there"}
)
"""Why something is held that a person may have replaced."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A code, and the values of its places."""

    code: ReasonCode
    values: Mapping[str, str | int] = field(default_factory=dict)

    def __str__(self) -> str:
        return WORDS[self.code].format_map(self.values)


def told(reasons: Iterable[Reason]) -> str:
    """Reasons in words for a terminal."""
    return "; ".join(map(str, reasons))


class UnknownLanguageError(UsageError):
    """A platform does not know a language.

    Arguments:
        name, title: the platform, as `--to` and as people know it.
        code: what it would be called there.
        nearest: what it knows instead; empty: nothing is near.

    Attributes:
        reasons: the same for a plan.
    """

    def __init__(self, name: str, title: str, language: Language, code: str, *, nearest: str = "") -> None:
        values = {"platform": title, "name": name, "language": language.tag, "code": code}
        near = (Reason("nearest-language", {"code": nearest}),) if nearest else ()
        self.reasons = (Reason("unknown-language", values), *near)
        remedy = f"Correct `{name}` of [{language.tag}] in config/languages.toml, or leave it out: --languages."
        super().__init__(
            f"{title} does not know the language {code} ({language.name}).",
            remedy=f"The nearest that it knows is {nearest}. {remedy}" if nearest else remedy,
        )
