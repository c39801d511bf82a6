"""Argos packages: fetched from an index over a socket, unpacked, and translated through by CTranslate2."""

from __future__ import annotations

import itertools
import json
import os
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.progress import SilentReporter
from pipeline.translation.engines.argos import ArgosEngine, ArgosOptions, argos_code
from pipeline.translation.engines.base import Context, EngineUnavailableError, Request
from tests.translation.engines.tiny_argos import build_package

ZH_EN = {"你好": "hello", "世界": "world", "开源": "open", "芯片": "chip"}
EN_JA = {"hello": "こんにちは", "world": "世界", "open": "開放", "chip": "チップ"}


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("index")
    build_package(folder / "zh_en.argosmodel", "zh", "en", ZH_EN)
    build_package(folder / "en_ja.argosmodel", "en", "ja", EN_JA)
    return folder


class Index:
    """A local index server that counts what is asked for."""

    def __init__(self, folder: Path, pairs=(("zh", "en"), ("en", "ja"))):
        self.asked: list[str] = []
        index = self

        class Handler(SimpleHTTPRequestHandler):
            def do_GET(self):
                index.asked.append(self.path)
                super().do_GET()

            def log_message(self, *_):
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        entries = [
            {"type": "translate", "from_code": a, "to_code": b, "from_name": a, "to_name": b, "package_version": "1.0",
             "links": [f"{self.url}/{a}_{b}.argosmodel"]}
            for a, b in pairs
        ]  # fmt: skip
        (folder / "index.json").write_text(json.dumps(entries))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def index(packages):
    server = Index(packages)
    yield server
    server.close()


def options(folder, index_url="", files=()):
    return ArgosOptions(folder, index_url, tuple(files), timeout_s=2, device="cpu", threads=1, batch_units=32)


def open_argos(folder, target, index_url="", files=()):
    return ArgosEngine(options(folder, index_url, files), "zh-Hans", target, SilentReporter())


def translate(engine, *texts):
    answers = {}
    requests = [Request(f"u{number}", text) for number, text in enumerate(texts)]
    engine.translate(requests, Context("zh-Hans", "en", "English", ""), answers.__setitem__)
    return list(answers.values())


def test_a_package_is_fetched_from_the_index_once_and_translates_a_whole_batch(tmp_path, index):
    engine = open_argos(tmp_path, "en", f"{index.url}/index.json")
    assert translate(engine, "你好世界", "芯片", "世界你好开源芯片") == ["hello world", "chip", "world hello open chip"]
    again = open_argos(tmp_path, "en", f"{index.url}/index.json")
    assert index.asked == ["/index.json", "/zh_en.argosmodel"]
    assert again.identity == engine.identity


def test_a_language_without_a_direct_package_goes_through_english(tmp_path, index):
    engine = open_argos(tmp_path, "ja", f"{index.url}/index.json")
    assert engine.pairs == ("zh→en", "en→ja")
    assert translate(engine, "你好世界", "芯片") == ["こんにちは世界", "チップ"]


def test_a_package_file_is_installed_without_any_network(tmp_path, packages):
    engine = open_argos(tmp_path, "en", files=[packages / "zh_en.argosmodel"])
    assert translate(engine, "你好") == ["hello"]


def test_a_hundred_sentences_are_a_few_calls_and_keep_their_order(tmp_path, packages):
    engine = open_argos(tmp_path, "en", files=[packages / "zh_en.argosmodel"])
    pairs = list(itertools.permutations(ZH_EN, 2)) * 8
    answers = translate(engine, *(first + second for first, second in pairs))
    assert answers == [f"{ZH_EN[first]} {ZH_EN[second]}" for first, second in pairs]


def test_another_package_is_another_identity(tmp_path, packages):
    other = build_package(tmp_path / "other.argosmodel", "zh", "en", {"你好": "hi"})
    first = open_argos(tmp_path / "a", "en", files=[packages / "zh_en.argosmodel"])
    assert first.identity != open_argos(tmp_path / "b", "en", files=[other]).identity


def test_no_way_between_the_languages_is_said(tmp_path, index):
    with pytest.raises(EngineUnavailableError, match="from zh to ko"):
        open_argos(tmp_path, "ko", f"{index.url}/index.json")


def test_an_index_out_of_reach_is_given_up_on_quickly(tmp_path):
    with pytest.raises(EngineUnavailableError, match="index can't be read"):
        open_argos(tmp_path, "en", "http://127.0.0.1:9/index.json")


def test_an_index_that_is_not_json_is_said(tmp_path, packages, index):
    with pytest.raises(EngineUnavailableError, match="index can't be read"):
        open_argos(tmp_path, "en", f"{index.url}/zh_en.argosmodel")


def test_a_damaged_download_leaves_nothing_behind(tmp_path, packages):
    broken = tmp_path / "served"
    broken.mkdir()
    whole = (packages / "zh_en.argosmodel").read_bytes()
    (broken / "zh_en.argosmodel").write_bytes(whole[: len(whole) // 2])
    server = Index(broken, pairs=[("zh", "en")])
    try:
        with pytest.raises(EngineUnavailableError, match="can't be fetched"):
            open_argos(tmp_path / "models", "en", f"{server.url}/index.json")
    finally:
        server.close()
    assert [path.name for path in (tmp_path / "models").iterdir() if path.name != "argos"] == []


def test_a_file_that_is_no_package_is_a_usage_error(tmp_path):
    path = tmp_path / "x.argosmodel"
    path.write_text("hello")
    with pytest.raises(UsageError, match="not an Argos package"):
        open_argos(tmp_path / "models", "en", files=[path])


def test_the_environment_and_the_home_folder_stay_as_they_were(tmp_path, packages, monkeypatch):
    before = dict(os.environ)
    open_argos(tmp_path, "en", files=[packages / "zh_en.argosmodel"])
    assert dict(os.environ) == before


@pytest.mark.parametrize(("language", "code"), [("zh-Hans", "zh"), ("zh-Hant", "zt"), ("ja", "ja"), ("pt-BR", "pb")])
def test_languages_have_argos_codes(language, code):
    assert argos_code(language) == code


def test_damaged_weights_give_the_work_to_the_next_engine(tmp_path, packages):
    engine = open_argos(tmp_path, "en", files=[packages / "zh_en.argosmodel"])
    (weights,) = tmp_path.glob("*/model/model.bin")
    weights.write_bytes(weights.read_bytes()[:200])
    with pytest.raises(EngineUnavailableError, match="failed from zh to en") as failed:
        translate(engine, "你好")
    assert "\n" not in failed.value.what
