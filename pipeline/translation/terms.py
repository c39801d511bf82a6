"""Names and terms that an episode may need fixed: found in its transcript, proposed as a table to approve."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pipeline.errors import UsageError
from pipeline.translation.glossary import NO, Glossary, with_terms
from pipeline.translation.table import Row, columns_of, read_rows, write_rows

Kind = Literal["latin", "name", "title", "quoted", "repeated"]
Tagger = Callable[[str], Iterable[tuple[str, str]]]
"""Gives the words of a Chinese text, each with its part of speech as jieba writes it: nr a person, ns a place …"""

# What a person writes, and what the program writes beside it; only the second is ever changed.
PEOPLES = ("approved", "term", "translation", "aliases", "forbidden", "note")
MACHINES = ("suggestion", "seen", "count", "kind", "example")

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
_LATIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:(?: |[.\-&'’/_])[A-Za-z0-9]+)*(?:\+\+|#)?")
_TITLE = re.compile("《([^《》]{1,30})》")
_QUOTED = re.compile(r"[“「『\"]([^“”「」『』\"，。！？,!?]{2,12})[”」』\"]")
# Parts of speech that are names, as jieba writes them: people, places, organisations, other names.
_NAME_FLAGS = ("nr", "ns", "nt", "nz")
# Characters that the transcription of foreign names is made of (after the tables of Xinhua), without those that
# common words are full of; three in a row are hardly ever anything else.
_SOUNDS = (
    "阿埃艾奥巴班贝彼宾波伯布查戴丹德迪蒂丁杜俄厄恩尔范菲费弗福戈格哈赫亨霍吉贾杰卡凯坎康考科克肯库夸奎拉莱兰朗勒雷利列琳"
    "卢鲁伦罗洛吕马玛麦曼梅蒙摩莫姆穆纳奈尼涅纽努诺欧帕潘佩皮珀普齐乔切琼萨塞桑森瑟珊施史舒斯塔泰坦特腾廷图托瓦威韦维沃"
    "乌西希锡夏谢辛休雅亚耶伊依尤约泽扎詹兹佐"
)
# These are in names too, but in common words as well: they count only between others.
_FAINT = "比里达因文日英明洪平海南华思古法本金基万提叶门内加"
_FOREIGN = re.compile(
    f"(?:[{_SOUNDS}]|(?<![参增更附添])加)(?:[{_SOUNDS}]|[{_FAINT}]+(?=[{_SOUNDS}]))+[{_SOUNDS}](?:·[{_SOUNDS}{_FAINT}]{{2,}})*"
    f"|[{_HAN}]{{2,6}}(?:·[{_HAN}]{{1,6}})+"
)
# 小扎, 老黄: a nickname of two characters; not 小时, 老师 and their like.
_NICKNAME = re.compile(
    f"(?<![最太很越更从变大细缩古养])[小老](?![师时说板学心人组型数伙孩子姐朋年家路区本百公鼠虎是在的])[{_HAN}]"
)
# Characters of grammar: a term does not have them, so they cut the text for counting repetitions.
_GRAMMAR = (
    "的了是在和就都也不这那我你他她它们吗呢吧啊把被与及或而但着过很还又要会能可让从对给上下里中来去到说有没什么怎样如果因为所以"
    "一二两三四五六七八九十几多少只个些每各其之于以并且则即使用做最更太已经将等年月日时候后前再想"
)
_GAP = "\n"  # in the place of a known term: nothing is found in it, or across it
_COUNTED = (3, 8)  # characters of a repeated term; of two there are too many that are everyday words


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may be a name or a term.

    Attributes:
        source: as the transcript writes it.
        kind: `latin` letters; a `name` in Han; a `title` in 《》; `quoted`; or a word that is `repeated`.
        count: how many sentences have it.
        example: the first of them.
    """

    source: str
    kind: Kind
    count: int
    example: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A table of terms: its text, and how many terms are in it for the first time."""

    text: str
    new: int


def find_candidates(
    texts: Sequence[str], *, known: Glossary, tagger: Tagger | None, least: int, limit: int
) -> tuple[Candidate, ...]:
    """The names and terms of an episode that no glossary has, in the order of kinds, then the most frequent first.

    Arguments:
        texts: the episode's sentences or lines.
        known: the glossary; what it has is left out.
        tagger: finds names in Chinese beside those that show by their characters; None: only those.
        least: how many sentences must have a word that nothing but its repetition makes a term.
        limit: how many candidates at most, of each kind.
    """
    places: dict[tuple[Kind, str], set[int]] = defaultdict(set)
    open_texts = [with_terms(text, [replace(term, forms=(_GAP,)) for term in known.hits(text)]) for text in texts]
    for place, text in enumerate(open_texts):
        for kind, source in _marked(text, tagger):
            places[kind, source].add(place)
    for source, found in _repeated(open_texts, least).items():
        places["repeated", source] = found
    spelled = {spelling.casefold() for term in known.terms for spelling in term.spellings}
    best = _one_kind_each(places, least)
    found_all = [
        Candidate(source, kind, len(where), texts[min(where)])
        for (kind, source), where in best.items()
        if source.casefold() not in spelled
    ]
    ordered = sorted(found_all, key=lambda each: (_KINDS.index(each.kind), -each.count, each.source))
    return tuple(each for kind in _KINDS for each in [one for one in ordered if one.kind == kind][:limit])


def jieba_tagger() -> Tagger:
    """Parts of speech by jieba's dictionary, and by its model for names that the dictionary lacks."""
    from rjieba import tag  # its dictionary takes a third of a second to load

    return tag


def table_path(folder: Path, language: str) -> Path:
    """Where an episode's table of terms for a language lies: renderings differ by language, so each has its own."""
    return folder / f"terms.{language}.tsv"


def merge_table(
    path: Path | None, candidates: Sequence[Candidate], renderings: Mapping[str, Mapping[str, int]]
) -> Proposal:
    """A table of terms with the candidates in it; rows and columns of people stay as they are.

    A row in which a person wrote anything besides the term stays for good, and of it only what the program counts
    is brought up to date. Rows of the program's alone are made again, or dropped where the term is gone.

    Arguments:
        path: the table as it is; None where there is none yet.
        candidates: what was found now.
        renderings: for each candidate its translations so far, with how often.

    Raises:
        UsageError: the table can't be read, or its header has no column `term`.
    """
    rows = list(read_rows(path, kind="table of terms")) if path is not None else []
    header, rows = _split_header(path, rows)
    columns = {name.strip().casefold(): place for place, name in enumerate(header)}
    found = {each.source: each for each in candidates}
    table: list[Sequence[str]] = []
    for row in rows:
        source = _cell(row, columns, "term")
        if row.silent:
            table.append(row.raw)
        elif source in found:
            table.append(_refreshed(row.raw, columns, found.pop(source), renderings))
        elif _by_person(row, columns):
            table.append(row.raw)
    kept = {_cell(row, columns, "term") for row in rows}
    new = [each for source, each in found.items() if source not in kept]
    table += [_refreshed((), columns, each, renderings) for each in new]
    return Proposal(write_rows([header, *table]), len(new))


def rejected_terms(path: Path) -> frozenset[str]:
    """The terms of a table that a person does not want: `approved` says no.

    Raises:
        UsageError: the table can't be read, or its header has no column `term`.
    """
    header, rows = _split_header(path, list(read_rows(path, kind="table of terms")))
    columns = {name.strip().casefold(): place for place, name in enumerate(header)}
    return frozenset(_cell(row, columns, "term") for row in rows if _cell(row, columns, "approved").casefold() in NO)


_KINDS: tuple[Kind, ...] = ("name", "latin", "title", "quoted", "repeated")


def _marked(text: str, tagger: Tagger | None) -> Iterator[tuple[Kind, str]]:
    """What a sentence alone shows to be a name or a title."""
    for pattern, kind in _PATTERNS:
        for match in pattern.finditer(text):
            yield kind, match[match.lastindex or 0].strip()
    if tagger is not None:
        for word, flag in tagger(text):
            if flag.startswith(_NAME_FLAGS) and re.fullmatch(f"[{_HAN}·]{{2,}}", word):
                yield "name", word
    yield from (("name", match[0]) for match in _NICKNAME.finditer(text))


_PATTERNS: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (_LATIN_NAME, "latin"),
    (_TITLE, "title"),
    (_QUOTED, "quoted"),
    (_FOREIGN, "name"),
)


def _one_kind_each(places: Mapping[tuple[Kind, str], set[int]], least: int) -> dict[tuple[Kind, str], set[int]]:
    """Each term once, under its first kind; single letters, everyday Latin words and rare nicknames left out."""
    kept: dict[tuple[Kind, str], set[int]] = {}
    seen: set[str] = set()
    for kind in _KINDS:
        for (own, source), where in places.items():
            if own != kind or source.casefold() in seen or not _plausible(kind, source, len(where), least):
                continue
            seen.add(source.casefold())
            kept[kind, source] = set().union(
                *(found for (_, other), found in places.items() if other.casefold() == source.casefold())
            )
    return kept


def _plausible(kind: Kind, source: str, count: int, least: int) -> bool:
    if kind == "latin":
        return len(source) > 1 and (source.lower() != source or any(map(str.isdigit, source)) or count >= least)
    return count >= least if _NICKNAME.fullmatch(source) else len(source) > 1


def _repeated(texts: Sequence[str], least: int) -> dict[str, set[int]]:
    """Runs of Han that come again in different company, the longest; with the sentences that have them."""
    where: dict[str, set[int]] = defaultdict(set)
    company: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for place, text in enumerate(texts):
        for run in re.finditer(f"(?:(?![{_GRAMMAR}])[{_HAN}]){{{_COUNTED[0]},}}", text):
            for start, end in _spans(len(run[0])):
                part = run[0][start:end]
                where[part].add(place)
                before, after = text[: run.start() + start][-1:], text[run.start() + end :][:1]
                company[part][0].add(before if re.match(f"[{_HAN}]", before) else f"#{place}")
                company[part][1].add(after if re.match(f"[{_HAN}]", after) else f"#{place}")
    often = {
        part: found
        for part, found in where.items()
        if len(found) >= least and all(len(side) > 1 for side in company[part])
    }
    inner = Counter(
        {
            part: max((len(often[other]) for other in often if part != other and part in other), default=0)
            for part in often
        }
    )
    return {part: found for part, found in often.items() if inner[part] < len(found)}


def _spans(length: int) -> Iterator[tuple[int, int]]:
    for size in range(_COUNTED[0], min(_COUNTED[1], length) + 1):
        for start in range(length - size + 1):
            yield start, start + size


def _split_header(path: Path | None, rows: list[Row]) -> tuple[list[str], list[Row]]:
    """The names of the columns, with those that are missing added, and the other rows."""
    place = next((place for place, row in enumerate(rows) if not row.silent), None)
    if place is None:
        return [*PEOPLES, *MACHINES], rows
    columns = columns_of(rows[place], (*PEOPLES, *MACHINES))
    if columns is None or "term" not in columns:
        raise UsageError(
            "The table of terms has no header, or no column “term”.",
            where=f"{path}, row {rows[place].number}",
            remedy="Make this the first row: " + ", ".join((*PEOPLES, *MACHINES)) + "; or delete the file.",
        )
    header = list(rows[place].raw)
    header += [name for name in (*PEOPLES, *MACHINES) if name not in columns]
    return header, rows[:place] + rows[place + 1 :]


def _cell(row: Row, columns: Mapping[str, int], name: str) -> str:
    place = columns[name]
    return row.cells[place] if place < len(row.cells) else ""


def _by_person(row: Row, columns: Mapping[str, int]) -> bool:
    """Whether a person wrote anything there: all columns that are not the program's are theirs."""
    own = {columns["term"], *(columns[name] for name in MACHINES)}
    return any(cell for place, cell in enumerate(row.cells) if place not in own)


def _refreshed(
    raw: Sequence[str], columns: Mapping[str, int], found: Candidate, renderings: Mapping[str, Mapping[str, int]]
) -> list[str]:
    """A row with what the program says now; what a person approved keeps the suggestion that it had."""
    seen = renderings.get(found.source, {})
    by_count = sorted(seen.items(), key=lambda each: -each[1])
    said = {
        "term": found.source,
        "suggestion": by_count[0][0] if by_count else found.source if found.kind == "latin" else "",
        "seen": ", ".join(f"{form} ({count})" for form, count in by_count),
        "count": str(found.count),
        "kind": found.kind,
        "example": found.example,
    }
    cells = [*raw, *[""] * (max(columns.values()) + 1 - len(raw))]
    if cells[columns["approved"]].strip():
        del said["suggestion"]
    for name, text in said.items():
        cells[columns[name]] = (
            _harmless(text) if name != "term" or not cells[columns[name]].strip() else cells[columns[name]]
        )
    return cells


def _harmless(text: str) -> str:
    """A spreadsheet would take a cell that begins like this for a formula."""
    return " ".join(text.split()).lstrip("=+-@")
