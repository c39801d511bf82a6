"""The models of the catalogue align with the attention heads that were chosen for each, not with a converter's default.

A config.json that is put together here from the heads that OpenAI found for a size (whisper/__init__.py,
_ALIGNMENT_HEADS) has the very checksum that the catalogue pins.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from pipeline.files import config_file
from pipeline.models import load_catalogue

# (layer, head) of the decoder.
HEADS = {
    "whisper-base": [(3, 1), (4, 2), (4, 3), (4, 7), (5, 1), (5, 2), (5, 4), (5, 6)],
    "whisper-large-v3-turbo": [(2, 4), (2, 11), (3, 3), (3, 6), (3, 11), (3, 14)],
    "whisper-large-v3": [(7, 0), (10, 17), (12, 18), (13, 12), (16, 1), (17, 14), (19, 11), (21, 4), (24, 1), (25, 6)],
}
# large-v3 and its turbo know one language more, which moves the special tokens behind it by one.
LANGUAGES = {"whisper-base": 99, "whisper-large-v3-turbo": 100, "whisper-large-v3": 100}
_FIRST_LANGUAGE, _FIRST_SPECIAL = 50_259, 50_258


def config_of(name: str, suppressed: list[int]) -> bytes:
    more = LANGUAGES[name] - 99
    config = {
        "alignment_heads": HEADS[name],
        "lang_ids": list(range(_FIRST_LANGUAGE, _FIRST_LANGUAGE + LANGUAGES[name])),
        "suppress_ids": [token + more if token > _FIRST_SPECIAL else token for token in suppressed],
        "suppress_ids_begin": [220, 50_257],
    }
    return (json.dumps(config, indent=2) + "\n").encode()


@pytest.fixture(scope="module")
def suppressed(whisper_base: Path) -> list[int]:
    """The tokens that no Whisper model may write, as the base model has them."""
    tokens: list[int] = json.loads((whisper_base / "config.json").read_text("utf-8"))["suppress_ids"]
    return tokens


@pytest.mark.parametrize("name", HEADS)
def test_the_pinned_configuration_has_the_heads_chosen_for_the_model(name: str, suppressed: list[int]) -> None:
    catalogue = load_catalogue(config_file("models.toml"))
    pinned = next(file.sha256 for file in catalogue[name].files if file.name == "config.json")
    endings = config_of(name, suppressed), config_of(name, suppressed).rstrip(b"\n")
    assert pinned in {hashlib.sha256(config).hexdigest() for config in endings}


def test_no_speech_model_of_the_catalogue_is_left_out() -> None:
    catalogue = load_catalogue(config_file("models.toml"))
    assert {name for name, model in catalogue.items() if model.kind == "whisper"} == set(HEADS)
