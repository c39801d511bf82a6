"""Symbols that sound alike cost less than symbols that do not."""

from __future__ import annotations

from pipeline.alignment.sounds import (
    LETTER_TO_SYLLABLE,
    LIKE_SOUND,
    OTHER_LETTER,
    OTHER_SYLLABLE,
    SAME_SOUND,
    Costs,
    costs_for,
)

COSTS = costs_for(["颗科壳他它山三旁大ab"])


def cost(first: str, second: str, costs: Costs = COSTS) -> int:
    return int(costs.pair[costs.alphabet[first], costs.alphabet[second]])


def test_the_cost_grows_with_the_distance_of_the_sounds() -> None:
    assert cost("颗", "颗") == 0
    assert cost("颗", "科") == SAME_SOUND
    assert cost("山", "三") == SAME_SOUND  # shan and san are told apart by few speakers and fewer recognisers
    assert cost("颗", "大") == OTHER_SYLLABLE
    assert cost("他", "大") == LIKE_SOUND  # ta, da: one final


def test_a_character_of_several_readings_sounds_like_any_of_them() -> None:
    costs = costs_for(["行航形"])
    assert cost("行", "航", costs) == SAME_SOUND
    assert cost("行", "形", costs) == SAME_SOUND


def test_letters_have_costs_of_their_own() -> None:
    assert cost("a", "b") == OTHER_LETTER
    assert cost("a", "大") == LETTER_TO_SYLLABLE


def test_the_cost_of_a_pair_does_not_depend_on_its_order() -> None:
    assert (COSTS.pair == COSTS.pair.T).all()
