"""A server that speaks the OpenAI chat protocol over a real socket, misbehaves on demand, and counts calls.

Its "translation" of a unit is `[id] ` and the text's digits, unless a test gives the translations.
"""

from __future__ import annotations

import json
import random
import re
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_WORDS = (
    "so", "it", "was", "told", "here", "once", "more", "and", "they", "went", "along", "with", "every", "small", "tree",
    "under", "green", "water", "while", "music", "kept", "playing", "near", "our", "quiet", "old", "house", "by",
)  # fmt: skip
UNIT = re.compile(r"^(u\d+): (.*)$", re.MULTILINE)


def units_of(body: dict[str, Any]) -> dict[str, str]:
    """The units that a request asks for, by id."""
    return dict(UNIT.findall(body["messages"][-1]["content"].split("Translate into")[-1]))


def well(body: dict[str, Any], translate: Callable[[str], str]) -> dict[str, str]:
    """The right answer: every id with its translation."""
    return {key: translate(text) for key, text in units_of(body).items()}


def default_translation(text: str) -> str:
    """English of about the right length that says the text's numbers and designations."""
    text = text.rstrip("。？")  # put there for the model
    words = "Well then " + " ".join(re.findall(r"[A-Za-z0-9.\-]+(?: billion)?", text))
    draw = random.Random(text)  # other words for every text: one answer for two sentences is refused
    while len(words) < 2.6 * len(text):
        words += " " + draw.choice(_WORDS)
    return words + "."


class QuietServer(ThreadingHTTPServer):
    """Says nothing of clients that hang up: some tests make them."""

    daemon_threads = True

    def handle_error(self, request, client_address):
        return


class ChatServer:
    """Give `script` one misbehaviour a call; after the script it behaves well.

    A misbehaviour is a function of (handler, body) that answers, or does not.
    """

    def __init__(self, *script: Callable[..., None], translate: Callable[[str], str] = default_translation):
        self.script = list(script)
        self.translate = translate
        self.calls: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.times: list[float] = []
        self.at_once = 0
        self._busy = 0
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.calls.append(body)
                outer.keys.append(self.headers.get("Authorization"))
                outer.times.append(time.monotonic())
                with outer._lock:
                    outer._busy += 1
                    outer.at_once = max(outer.at_once, outer._busy)
                    step = outer.script.pop(0) if outer.script else answer_well
                try:
                    step(self, body)
                finally:
                    with outer._lock:
                        outer._busy -= 1

            def log_message(self, *_):
                return

        Handler.outer = outer  # type: ignore[attr-defined]
        self.server = QuietServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def asked(self) -> list[list[str]]:
        """The ids of each call."""
        return [list(units_of(body)) for body in self.calls]


def reply(handler, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    handler.send_response(status)
    for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


def say(handler, content: str, finish: str = "stop", usage: Any = None) -> None:
    message = {"role": "assistant", "content": content}
    body: dict[str, Any] = {"choices": [{"index": 0, "message": message, "finish_reason": finish}]}
    reply(handler, 200, body | ({"usage": usage} if usage is not None else {}))


def counted(tokens_in: int, tokens_out: int) -> Callable[..., None]:
    """The right answer, and what it took."""
    usage = {"prompt_tokens": tokens_in, "completion_tokens": tokens_out, "total_tokens": tokens_in + tokens_out}
    return lambda handler, body: say(
        handler, json.dumps(well(body, handler.outer.translate), ensure_ascii=False), usage=usage
    )


def answer_well(handler, body) -> None:
    say(handler, json.dumps(well(body, handler.outer.translate), ensure_ascii=False))


def status(code: int, message: str = "no", **headers: str) -> Callable[..., None]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler, body: reply(handler, code, {"error": {"message": message}}, named)


def cut_connection(handler, body) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.connection.close()


def half_body(handler, body) -> None:
    """Promises more than it sends."""
    handler.send_response(200)
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [{"mess')
    cut_connection(handler, body)


def half_json(handler, body) -> None:
    whole = json.dumps(well(body, handler.outer.translate))
    say(handler, whole[: len(whole) // 2])


def dripping(handler, body) -> None:
    """One byte at a time, each well within any time-out between two."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    try:
        for _ in range(200):
            handler.wfile.write(b" ")
            time.sleep(0.05)
    except OSError:  # the client has gone
        return


def endless(handler, body) -> None:
    """More than any translation."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(10**10))
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" " * 1_000_000)
    except OSError:
        return


def nested(handler, body) -> None:
    """JSON that no reader can follow."""
    reply(handler, 200, b"[" * 200_000)


def not_the_protocol(handler, body) -> None:
    reply(handler, 200, b"<html>it works!</html>")


def merged_ids(handler, body) -> None:
    """Two units in one answer, the second id left out: everything after would shift by one."""
    answers = well(body, handler.outer.translate)
    keys = list(answers)
    if len(keys) > 1:
        answers[keys[0]] += " " + answers.pop(keys[1])
    say(handler, json.dumps(answers))


def extra_id(handler, body) -> None:
    say(handler, json.dumps({**well(body, handler.outer.translate), "u999": "More."}))


def repeated_id(handler, body) -> None:
    answers = well(body, handler.outer.translate)
    first = next(iter(answers))
    say(handler, json.dumps(answers)[:-1] + f', "{first}": "Again."}}')


def swapped_ids(handler, body) -> None:
    answers = well(body, handler.outer.translate)
    say(handler, json.dumps(dict(zip(answers, reversed(answers.values()), strict=True))))


def wrong_language(handler, body) -> None:
    say(handler, json.dumps(units_of(body), ensure_ascii=False))


def refused(handler, body) -> None:
    say(handler, "", finish="content_filter")


def cut_short(handler, body) -> None:
    say(handler, json.dumps(well(body, handler.outer.translate)), finish="length")


def slow(seconds: float) -> Callable[..., None]:
    def answer(handler, body):
        time.sleep(seconds)
        answer_well(handler, body)

    return answer
