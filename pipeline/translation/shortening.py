"""Translations that can't be read in their time: rules first, then the engine is asked once, then words are left out
if it knows which (`condensing`), then a person is told.

What it answered is kept in the database, by a hash of all that the answer depends on. So a killed run goes on with
the next unit, and a second run asks nothing that was asked before. What people wrote is never touched.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass

import sqlalchemy as sa

from pipeline.alignment.result import Alignment
from pipeline.errors import MissingError, PlatformError
from pipeline.files import sha256_json
from pipeline.languages import Language
from pipeline.progress import Reporter
from pipeline.store import Store, StoredUnit, tables
from pipeline.subtitles.budget import Excess, excesses
from pipeline.subtitles.display import count
from pipeline.subtitles.recut import Parts
from pipeline.track import Finding
from pipeline.translation import condensing
from pipeline.translation import glossary as terms
from pipeline.translation.brevity import Renderings, faults, is_shorter, kept_names, with_its_mark
from pipeline.translation.checks import check_unit
from pipeline.translation.engines.base import Context, Engine, NextToken, Request
from pipeline.translation.engines.budget import BudgetError
from pipeline.translation.engines.through import engine_of
from pipeline.translation.glossary import Glossary
from pipeline.translation.requests import MEMORY
from pipeline.translation.run import OpenEngine, where
from pipeline.translation.units import TranslatedUnit
from pipeline.translation.wording import NO_WORDINGS, Wordings

RULE = "reading-time"
VERSION = 1
# How the history's note of a shorter text begins; what was changed or left out, or the characters that were asked for,
# follow.
NOTE = "shorter: "
# Of the ways to leave words out, so many are looked at: the best ones may drop a number or a negation.
_WAYS = 10

# An empty answer: asked in vain.
_ANSWERS = tables.shorter_answers


@dataclass(frozen=True, slots=True)
class Shortened:
    """What became of the translations that can't be read in their time.

    Attributes:
        asked: sentences that an engine was asked to shorten in this run.
        shortened: sentences with a shorter text by an engine now.
        condensed: sentences with words left out now.
        reworded: sentences with a shorter text by the rules of config/wordings.
        findings: those told of before, brought up to date.
    """

    asked: int
    shortened: int
    condensed: int
    reworded: int
    findings: tuple[Finding, ...]


def shorten_episode(
    alignment: Alignment,
    *,
    episode_id: str,
    language: Language,
    store: Store,
    context: Context,
    order: Sequence[str],
    open_engine: OpenEngine,
    glossary: Glossary,
    renderings: Callable[[Sequence[StoredUnit]], Renderings],
    findings: Sequence[Finding],
    reporter: Reporter,
    wordings: Wordings = NO_WORDINGS,
) -> Shortened:
    """Have the machine's translations that can't be read in their time made shorter, once each.

    The rules of `wordings` come first, as many steps as it takes; the unit's history says what they changed. Then the
    engine that translated a unit is asked, if it follows instructions. Its answer takes the text's place where
    `is_shorter` says so. Out of English that is too long even then, the words are left that the model misses least, if
    it tells how it goes on with a text. Each is committed at once. Whatever still can't be read gets a finding. A unit
    that a person edited or approved, and what the memory has from people, is not touched.

    Arguments:
        open_engine: as for `translate_episode`, but with the prompts of config/prompts/shorten.*, and one unit a
            request, since the prompt states its limit.
        renderings: for units, the names of their sentences with their translations, as `collect_renderings` gives.
        findings: what `translate_episode` told of.

    Raises:
        InputError: the units do not fit the alignment's lines.
        EpisodeError: the store can't be written.
    """
    work = _Shortening(alignment, episode_id, language, store, context, glossary, renderings, wordings)
    before = store.units(episode_id, language.tag)
    work.reword()
    for name in dict.fromkeys(map(engine_of, order)):
        if not work.open_units(name):
            continue
        try:
            with closing(open_engine(name, context)) as engine:
                if engine.follows_instructions:
                    work.ask(engine)
                    work.condense(engine)
        except (MissingError, PlatformError, BudgetError) as error:
            reporter.warn(f"{name} can't shorten the {language.tag} subtitles: {error.what} {error.remedy}")
    work.tell()
    after = store.units(episode_id, language.tag)
    known = Counter(finding for unit in before for finding in unit.findings if not unit.by_person)
    others = [finding for finding in findings if finding not in known]
    told = [finding for unit in after for finding in unit.findings if not unit.by_person]
    return Shortened(work.asked, work.shortened, work.condensed, len(work.reworded), (*told, *others))


class _Shortening:
    """One run over one language's units."""

    def __init__(
        self,
        alignment: Alignment,
        episode_id: str,
        language: Language,
        store: Store,
        context: Context,
        glossary: Glossary,
        renderings: Callable[[Sequence[StoredUnit]], Renderings],
        wordings: Wordings,
    ) -> None:
        self.asked = 0
        self.shortened = 0
        self.condensed = 0
        self.reworded: set[int] = set()
        self._alignment = alignment
        self._episode = episode_id
        self._language = language
        self._store = store
        self._context = context
        self._glossary = glossary
        self._renderings = renderings
        self._wordings = wordings
        self._tried: set[int] = set()
        self._parts: Parts = {}

    def open_units(self, engine: str) -> list[tuple[StoredUnit, Excess]]:
        """The units of an engine that can't be read in their time, and were not tried in this run."""
        return [each for each in self._hurried(engine) if each[0].id not in self._tried]

    def ask(self, engine: Engine) -> None:
        """Use what was answered before; ask for the rest; again for units that are hurried only since then."""
        names = self._renderings(self._store.units(self._episode, self._language.tag))
        while units := self.open_units(engine.name):
            self._tried.update(unit.id for unit, _ in units)
            self._ask(engine, units, names)
        self.reword(engine)

    def condense(self, engine: Engine) -> None:
        """Leave words out of what is too long, one sentence after the other: each may lend its neighbours time."""
        if engine.next_token is None or self._language.tag.split("-")[0] != "en":
            return
        names = self._renderings(self._store.units(self._episode, self._language.tag))
        tried: set[int] = set()
        while units := [each for each in self._hurried(engine.name) if each[0].id not in tried]:
            unit, excess = units[0]
            tried.add(unit.id)
            self._condense(engine, engine.next_token, unit, excess, names)

    def _condense(
        self, engine: Engine, next_token: NextToken, unit: StoredUnit, excess: Excess, names: Renderings
    ) -> None:
        key = self._condensing_key(engine, unit, unit.text)
        known = _answer(self._store, unit.id, key)
        if known is None:
            ways = condensing.condense(
                unit.source,
                unit.text,
                most=excess.budget,
                count=lambda text: count(text, self._language.profile),
                next_token=next_token,
            )
            good = next((way for way in ways[:_WAYS] if self._is_shorter(unit, way.text, excess, names)), None)
            known = json.dumps([good.text, *good.left_out] if good else [], ensure_ascii=False)
            _remember(self._store, unit.id, key, known)
        text, *left_out = json.loads(known) or [""]
        if text and self._is_shorter(unit, text, excess, names):
            # What is left is not to be made shorter once more, by either way.
            _remember(self._store, unit.id, self._fingerprint(engine, unit, text), "")
            _remember(self._store, unit.id, self._condensing_key(engine, unit, text), "[]")
            gone = ", ".join(f"“{words}”" for words in left_out)
            self._save(unit, text, self._found(unit, text), note=f"{NOTE}without {gone}")
            self.condensed += 1

    def _condensing_key(self, engine: Engine, unit: StoredUnit, text: str) -> str:
        """By which it is known what was left out of a text."""
        return sha256_json([condensing.VERSION, self._fingerprint(engine, unit, text)])

    def reword(self, engine: Engine | None = None) -> None:
        """Apply the rules to the machine's texts that can't be read in their time, step by step while they can't.

        Arguments:
            engine: who was asked for shorter texts before; it is not asked again for those that the rules change now.
        """
        if not self._wordings.rules:
            return
        names = self._renderings(self._store.units(self._episode, self._language.tag))
        # A text that became shorter lends less time to its neighbours, or more: again until nothing changes.
        while sum(self._reword_all(step, names, engine) for step in self._wordings.steps):
            pass

    def _reword_all(self, step: int, names: Renderings, engine: Engine | None) -> int:
        """How many texts the rules of this step changed."""
        hurried = [
            unit
            for unit, excess in self._units()
            if excess and unit.status == "machine" and engine_of(unit.engine) not in ("", MEMORY)
        ]
        return sum(self._reword(unit, step, names, engine) for unit in hurried)

    def _reword(self, unit: StoredUnit, step: int, names: Renderings, engine: Engine | None) -> bool:
        kept = [name for name in kept_names(unit.source, unit.text, names) if not name.isdecimal()]
        kept += [form for term in self._glossary.hits(unit.source) if not term.is_advice for form in term.forms]
        made = self._wordings.shorten(unit.text, step=step, keep=kept)
        before, after = (faults(unit.source, text, self._language, self._glossary) for text in (unit.text, made.text))
        if not made.changes or not after <= before:
            return False
        if engine is not None and _answer(self._store, unit.id, self._fingerprint(engine, unit, unit.text)) is not None:
            _remember(self._store, unit.id, self._fingerprint(engine, unit, made.text), "")
        self._save(unit, made.text, self._found(unit, made.text), note=NOTE + "; ".join(made.changes))
        self.reworded.add(unit.id)
        return True

    def tell(self) -> None:
        """Write or take away the finding of each machine's unit."""
        for unit, excess in self._units():
            others = tuple(finding for finding in unit.findings if finding.rule != RULE)
            findings = (*others, _finding(unit, excess)) if excess else others
            if unit.status == "machine" and findings != unit.findings:
                self._save(unit, unit.text, findings)

    def _hurried(self, engine: str) -> list[tuple[StoredUnit, Excess]]:
        """The units of an engine that can't be read in their time."""
        return [
            (unit, excess)
            for unit, excess in self._units()
            if excess and engine_of(unit.engine) == engine and unit.status == "machine"
        ]

    def _units(self) -> list[tuple[StoredUnit, Excess | None]]:
        """The units with a text, each with its excess if it has one."""
        units = [unit for unit in self._store.units(self._episode, self._language.tag) if unit.text.strip()]
        texts = [TranslatedUnit(unit.first, unit.last, unit.text, unit.fixed_cues) for unit in units]
        over = excesses(self._alignment, texts, self._language, known=self._parts)
        return [(unit, over.get(place)) for place, unit in enumerate(units)]

    def _ask(self, engine: Engine, units: Sequence[tuple[StoredUnit, Excess]], names: Renderings) -> None:
        requests: dict[str, tuple[StoredUnit, Excess, Request, str]] = {}
        for unit, excess in units:
            asked = self._fingerprint(engine, unit, unit.text)
            answer = _answer(self._store, unit.id, asked)
            if answer is None:
                request = _request(unit, excess, self._glossary)
                requests[request.id] = (unit, excess, request, asked)
            else:
                self._judge(engine, unit, excess, answer, names)
        self.asked += len(requests)

        def on_done(unit_id: str, text: str) -> None:
            unit, excess, _, asked = requests[unit_id]
            text = text.replace("\x00", "").strip()
            _remember(self._store, unit.id, asked, text)
            self._judge(engine, unit, excess, text, names)

        if requests:
            engine.translate([request for _, _, request, _ in requests.values()], self._context, on_done)
        for unit, _, _, asked in requests.values():  # Asked, even where no answer came.
            if _answer(self._store, unit.id, asked) is None:
                _remember(self._store, unit.id, asked, "")

    def _judge(self, engine: Engine, unit: StoredUnit, excess: Excess, answer: str, names: Renderings) -> None:
        answer = with_its_mark(unit.text, answer)
        if answer and self._is_shorter(unit, answer, excess, names):
            # The shorter text is not to be shortened once more, whatever becomes of its time.
            _remember(self._store, unit.id, self._fingerprint(engine, unit, answer), "")
            self._save(unit, answer, self._found(unit, answer), note=f"{NOTE}≤ {excess.budget}")
            self.shortened += 1

    def _is_shorter(self, unit: StoredUnit, text: str, excess: Excess, names: Renderings) -> bool:
        return is_shorter(
            unit.source, unit.text, text, excess=excess, language=self._language, glossary=self._glossary, names=names
        )

    def _found(self, unit: StoredUnit, text: str) -> tuple[Finding, ...]:
        hits = self._glossary.hits(unit.source)
        return check_unit(unit.source, text, language=self._language.tag, terms=hits, where=where(unit))

    def _save(self, unit: StoredUnit, text: str, findings: Sequence[Finding], *, note: str = "") -> None:
        """Under the fingerprint that it has: it still comes from the same sentence, so no run translates it again."""
        self._store.save_machine(
            unit.id, text, engine=unit.engine, fingerprint=unit.fingerprint, findings=findings, note=note
        )

    def _fingerprint(self, engine: Engine, unit: StoredUnit, text: str) -> str:
        """Hash of all that the answer depends on but the budget, which moves with every neighbour's text."""
        fixed = [terms.fingerprint(term) for term in self._glossary.hits(unit.source)]
        context = self._context
        return sha256_json(
            [VERSION, unit.source, text, fixed, context.source, context.target, context.title, engine.identity]
        )


def _request(unit: StoredUnit, excess: Excess, glossary: Glossary) -> Request:
    """What config/prompts/shorten.user.md is filled with: the limit as {before}, the long text as {complaints}.

    Beside the text, as in "at most 75 characters: …", small models take the limit for a part of it and give all back.
    """
    return Request(
        id=f"u{unit.first}",
        text=unit.source,
        terms=glossary.hits(unit.source),
        before=(f"to at most {excess.budget} characters (it has {excess.characters})",),
        complaint=unit.text,
    )


def _finding(unit: StoredUnit, excess: Excess) -> Finding:
    return Finding(
        RULE, "warning", where(unit), f"{excess.characters} characters", f"{excess.budget} in its time",
        "Shorten the translation.",
    )  # fmt: skip


def _answer(store: Store, unit_id: int, asked: str) -> str | None:
    """What was answered before; None where this was never asked."""
    wanted = (_ANSWERS.c.unit_id == unit_id) & (_ANSWERS.c.asked == asked)
    with store.connection() as connection:
        found: str | None = connection.scalar(sa.select(_ANSWERS.c.answer).where(wanted))
    return found


def _remember(store: Store, unit_id: int, asked: str, answer: str) -> None:
    wanted = (_ANSWERS.c.unit_id == unit_id) & (_ANSWERS.c.asked == asked)
    with store.connection(write=True) as connection:
        connection.execute(sa.delete(_ANSWERS).where(wanted))
        connection.execute(sa.insert(_ANSWERS).values(unit_id=unit_id, asked=asked, answer=answer))
