"""Numbers by value: what a Chinese text says, and what its translation makes of it.

`1000万`, `10 million` and `1,000만` are one value; 上亿, `hundreds of millions` and `数億` are one range of values.
`compare_numbers` finds what is wrong, `compare_currencies` does it for money, and `with_values` writes a source's large
numbers as the target language does. The source is read by `chinese`, the translation by `alphabetic` or `myriads`.
"""

from pipeline.translation.numbers.bounds import wrong_side
from pipeline.translation.numbers.currencies import added_currency, compare_currencies
from pipeline.translation.numbers.matching import Mismatch, NumberReport, compare_numbers, count_numbers
from pipeline.translation.numbers.measures import compare_units
from pipeline.translation.numbers.relative import missing_date
from pipeline.translation.numbers.writing import with_english_values, with_sizes, with_values

__all__ = [
    "Mismatch",
    "NumberReport",
    "added_currency",
    "compare_currencies",
    "compare_numbers",
    "compare_units",
    "count_numbers",
    "missing_date",
    "with_english_values",
    "with_sizes",
    "with_values",
    "wrong_side",
]
