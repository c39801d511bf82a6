"""Units and documents for tests."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from pipeline.exchange.base import STATUSES, Document, ExchangeUnit, Limits, Past

LIMITS = Limits(max_bytes=10**6, max_unpacked_bytes=10**7, max_units=1000, max_chars=10_000)
SOURCES = ["大家好", "故事要从2010年说起", "他没有回答", "这是最后一句"]
TEXTS = ["Hello everyone.", "The story begins in 2010.", "He did not answer.", "This is the last sentence."]
HOSTILE = [
    "=1+1",
    "+49 30 1234",
    "-1",
    "@SUM(A1)",
    "\t=cmd|' /C calc'!A0",
    "\r=1",
    "\n=1",
    "＝1+1",
    "'=quoted",
    "''",
    "'tis",
    "a\r\nb\rc\nd\te",
    " \u00a0 edges \t",
    "]]> <![CDATA[x]]> <!-- --> <?x ?> &amp; &#13; <b>\"'",
    "\x00\x01\x08\x0b\x1f\x7f\x85\u2028\ufffe\uffff",
    "_x000D_ _x005F_ x005F_ _x005F_x000D_",
    "⟦U+001B⟧ ⟦⟦U+27E6⟧U+0041⟧ ⟦",
    "😀 👩‍👩‍👧 e\u0301",
    "مرحبا \u202eabc\u202c עולם",
    'a;b,c\t"d"',
    "2024-01-02",
    "1/2",
    "00123",
    "TRUE",
    "#N/A",
    "",
]


def unit(number: int, text: str | None = None, **changed: object) -> ExchangeUnit:
    """One of four sentences, translated by the machine."""
    made = ExchangeUnit(
        id=str(number + 10),
        first=2 * number,
        last=2 * number + 1,
        source=SOURCES[number % 4],
        text=TEXTS[number % 4] if text is None else text,
        status="machine",
        start_ms=3000 * number,
        end_ms=3000 * number + 2500,
        revision=1,
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def units(count: int = 4) -> list[ExchangeUnit]:
    return [unit(number) for number in range(count)]


def document(*of: ExchangeUnit, **changed: object) -> Document:
    return replace(Document("ep-1", "RISC-V", "zh-Hans", "en", of), **changed)  # type: ignore[arg-type]


def history(*of: ExchangeUnit) -> dict[str, list[Past]]:
    """Each unit with the one revision that it is at."""
    return {each.id: [Past(each.revision, each.source, each.text, each.status or "new")] for each in of}


# What a database can hold: anything but lone surrogates and NUL, which the store takes out.
ANY_TEXT = st.text(st.characters(blacklist_categories=("Cs",)), max_size=30) | st.sampled_from(HOSTILE)
SPIKED = st.lists(
    st.sampled_from(
        ["=", "'", "⟦", "U+", "0041", "⟧", "_x", "000D", "_", "x005F_", "\r", "\n", "\t", "\x01", '"', " "]
    ),
    max_size=8,
).map("".join)
UNITS = st.builds(
    ExchangeUnit,
    id=st.integers(1, 10**9).map(str),
    first=st.integers(0, 500),
    last=st.integers(500, 900),
    source=ANY_TEXT,
    text=ANY_TEXT | SPIKED,
    status=st.sampled_from(STATUSES),
    start_ms=st.integers(0, 10**8),
    end_ms=st.integers(0, 10**8),
    note=ANY_TEXT | SPIKED,
    revision=st.integers(0, 999),
)
