"""What a video platform is: the few things that publishing asks of one, and the table of those that are known.

To add a platform (docs/publishing.md has a whole one):
1. write a subclass of `Platform` in a module of its own: its facts as class variables, then `open`, `video`, `tracks`,
   `insert`, `update`; the other methods where the platform can do that;
2. let each method make one request (an upload may need several), and turn the platform's refusals into the errors
   below: who calls it repeats, waits, counts the quota and writes the receipts;
3. enter it in `ADAPTERS`; or, from a package of your own, under the entry point group `zimu.platforms`.
"""

from __future__ import annotations

import abc
import difflib
import hashlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pipeline.errors import PlatformError, UsageError
from pipeline.publishing.reasons import OVERWRITABLE, Reason, told
from pipeline.track import Cue

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Self

    from pipeline.languages import Language
    from pipeline.progress import Reporter
    from pipeline.publishing.credentials import Vault

ADAPTERS: dict[str, str] = {
    "youtube": "pipeline.publishing.youtube:YouTube",
    "vimeo": "pipeline.publishing.vimeo:Vimeo",
}
"""Platform → module:class of its adapter."""
ENTRY_POINTS = "zimu.platforms"

Format = Literal["srt", "vtt"]
State = Literal["processing", "serving", "failed"]
Kind = Literal["insert", "update", "activate", "delete", "texts", "skip", "hold", "leave"]


DONE_WORDS: dict[Kind, str] = {
    "insert": "uploaded", "update": "replaced", "activate": "switched", "delete": "removed", "texts": "titles written",
}  # fmt: skip
"""What has become of a track, in a word, when an action is done."""


class BusyError(PlatformError):
    """The platform can't answer now, or the connection was lost: whether it did what was asked is not known.

    Attributes:
        after_s: how long it asks to wait; 0: it does not say.
    """

    after_s = 0.0


class QuotaError(PlatformError):
    """What may be asked of the platform in a day is used up."""


class ExistsError(PlatformError):
    """The video has a track of that language and name already."""


class GoneError(PlatformError):
    """There is no such track any more."""


class SignInError(PlatformError):
    """Nobody is signed in, the sign-in has expired, or it is another account's."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform refuses, so that it is found before anything is sent.

    Attributes:
        name_chars: characters of a track's name.
        file_bytes: of a track's file.
        formats: of files that it reads, the best first.
        title_chars, description_bytes: of a video's title and description; 0: it takes no translated ones.
        forbidden: characters that these must not have.
    """

    name_chars: int
    file_bytes: int
    formats: tuple[Format, ...]
    title_chars: int = 0
    description_bytes: int = 0
    forbidden: str = ""


@dataclass(frozen=True, slots=True)
class Costs:
    """Units of the day's quota that each request takes; all 0: the platform counts none."""

    video: int = 0
    tracks: int = 0
    insert: int = 0
    update: int = 0
    activate: int = 0
    delete: int = 0
    download: int = 0
    texts: int = 0


@dataclass(frozen=True, slots=True)
class LocalTrack:
    """A language's subtitles as they are to be on a platform.

    Attributes:
        language: BCP-47, as everywhere inside.
        code: the platform's spelling of it.
        name: what the platform calls the track besides its language; may be empty.
        data: the file.
        suffix: its format.
        cues: what is in it.
        live: viewers see it; else it is a draft.
        unapproved: where it is a draft because of them: how many of its sentences nobody approved, and how many it has.
    """

    language: str
    code: str
    name: str
    data: bytes = field(repr=False)
    suffix: Format
    cues: tuple[Cue, ...] = field(repr=False)
    live: bool = True
    unapproved: tuple[int, int] | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the file, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class RemoteTrack:
    """A track that people uploaded, as a platform has it; what it made by machine is none.

    Attributes:
        id: the platform's.
        code: the language in the platform's spelling.
        name: as shown to viewers; may be empty.
        state: whether it is ready to be seen.
        live: viewers see it; else it is a draft, or switched off.
        reason: why it failed.
        updated: changes whenever the platform changes the track: a time, an ETag; empty: the platform does not say.
    """

    id: str
    code: str
    name: str
    state: State
    live: bool
    reason: str = ""
    updated: str = ""


@dataclass(frozen=True, slots=True)
class VideoText:
    """A video's title and description in one language; an empty one is not known, and stays as it is."""

    title: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class RemoteVideo:
    """A video on a platform.

    Attributes:
        id: the platform's.
        title: as the platform has it.
        account: whose it is, as people know them.
        duration_ms: 0: the platform does not say.
        texts: titles and descriptions by the platform's spelling of their language.
        language: the platform's spelling of the language of the video's own title; empty: it does not say.
    """

    id: str
    title: str
    account: str = ""
    duration_ms: int = 0
    texts: Mapping[str, VideoText] = field(default_factory=dict)
    language: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that is to be done about one track, or about the video's texts.

    Attributes:
        kind: `skip`: it is right as it is. `hold`: a person has to decide, `why` says about what. `leave`: it is not to
            be there yet.
        language: BCP-47; of `texts`, all of them.
        reasons: why, the first of them first.
        cost: units of quota.
        local: what is to be there; None: a track that is to be deleted or left, or texts.
        remote: what is there.
        texts: for `texts`: by the platform's spelling of their language.
        adopt: what is there is right, but there is no receipt of it yet.
        waits: the day's quota does not suffice for it.
    """

    kind: Kind
    language: str
    reasons: tuple[Reason, ...]
    cost: int = 0
    local: LocalTrack | None = None
    remote: RemoteTrack | None = None
    texts: Mapping[str, VideoText] = field(default_factory=dict)
    adopt: bool = False
    waits: bool = False

    @property
    def changes(self) -> bool:
        """Whether something is to be sent."""
        return self.kind not in ("skip", "hold", "leave")

    @property
    def why(self) -> str:
        """The reasons in words for a terminal."""
        return told(self.reasons)

    @property
    def overwritable(self) -> bool:
        """Whether a person may have replaced what is held."""
        return self.kind == "hold" and any(reason.code in OVERWRITABLE for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Setup:
    """What an adapter works with.

    Attributes:
        endpoint: where the platform's interface is instead of its own address; empty: there.
        timeout_s: how long an answer is waited for.
        vault: where its sign-in is kept.
        reporter: for what a person must know.
        client: a file that names the program to the platform, for signing in; None: what is in the vault.
        open_browser: signing in may open the browser; else the address is printed.
    """

    endpoint: str
    timeout_s: float
    vault: Vault
    reporter: Reporter
    client: Path | None = None
    open_browser: bool = True


class Platform(abc.ABC):
    """One platform, signed in to. Each method makes one request, and raises a `PlatformError` where it is refused.

    Class variables:
        name: as `--to` knows it.
        title: as people know it.
        limits, costs: its facts.
        track_name: the tracks' name where the settings give none; `{language}` and `{own_name}` are filled in.
        rename: `update` also gives the track its new name.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    limits: ClassVar[Limits]
    costs: ClassVar[Costs] = Costs()
    track_name: ClassVar[str] = ""
    rename: ClassVar[bool] = False

    @classmethod
    @abc.abstractmethod
    def open(cls, setup: Setup) -> Self:
        """The platform, with the account that is signed in; nothing is asked of it yet.

        Raises:
            SignInError: nobody is signed in.
        """

    @classmethod
    def sign_in(cls, setup: Setup) -> str:
        """Let a person sign in, and keep it in the vault; returns the account's name.

        Raises:
            UsageError: the platform needs no sign-in, or a file that it needs is missing.
            SignInError: it was refused.
        """
        raise UsageError(f"{cls.title} needs no sign-in.")

    @classmethod
    def spell(cls, language: Language) -> str:
        """The platform's spelling of a language.

        Raises:
            UnknownLanguageError: it does not know it; the nearest that it knows is named.
        """
        return language.tag

    @abc.abstractmethod
    def video(self, video: str) -> RemoteVideo:
        """A video of the account.

        Raises:
            PlatformError: there is none. SignInError: it is another account's.
        """

    @abc.abstractmethod
    def tracks(self, video: str) -> tuple[RemoteTrack, ...]:
        """The tracks that people uploaded to it."""

    @abc.abstractmethod
    def insert(self, video: str, track: LocalTrack) -> RemoteTrack:
        """Add a track.

        Raises:
            ExistsError: there is one of that language and name.
            BusyError: it may have been added, or not.
        """

    @abc.abstractmethod
    def update(self, video: str, remote: RemoteTrack, track: LocalTrack) -> RemoteTrack:
        """Give a track another file, and whether it is live. Done twice it is as done once.

        Raises:
            GoneError: it is not there any more.
        """

    def activate(self, video: str, remote: RemoteTrack, *, live: bool) -> RemoteTrack:
        """Show a track to viewers, or not, its file as it is."""
        raise PlatformError(f"{self.title} can't do that.")

    def delete(self, video: str, remote: RemoteTrack) -> None:
        """Remove a track; one that is gone already is no error."""
        raise PlatformError(f"{self.title} can't do that.")

    def download(self, video: str, remote: RemoteTrack) -> tuple[bytes, Format] | None:
        """A track's file and its format; None: the platform does not give it out."""
        return None

    def put_texts(self, video: str, texts: Mapping[str, VideoText], *, spoken: str) -> None:
        """Give a video titles and descriptions by language; what else the platform has about it stays.

        Arguments:
            spoken: the language of the video's own title, where the platform does not know it yet.
        """
        raise PlatformError(f"{self.title} takes no translated titles.")

    def close(self) -> None:
        """Give back connections."""
        return


def known_platforms() -> dict[str, str]:
    """Platform → module:class, Zimu's own first; an entry point can't take the place of one."""
    found = {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}
    return {**ADAPTERS, **{name: value for name, value in sorted(found.items()) if name not in ADAPTERS}}


def find_adapter(name: str) -> type[Platform]:
    """The adapter of a platform.

    Raises:
        UsageError: there is none of that name, or it can't be loaded.
    """
    known = known_platforms()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        raise UsageError(
            f"Zimu can't publish to {name!r}.",
            remedy=(f"Did you mean {near[0]}? " if near else "") + f"Known are: {', '.join(known)}.",
        )
    try:
        adapter: Any = pkgutil.resolve_name(known[name])
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(
            f"The adapter of {name} can't be loaded: {error}.",
            where=known[name],
            remedy="Install the package that it belongs to again.",
        ) from error
    if not (isinstance(adapter, type) and issubclass(adapter, Platform)):
        raise UsageError(
            f"{known[name]} is no adapter.", remedy="It must be a subclass of pipeline.publishing.Platform."
        )
    return adapter
