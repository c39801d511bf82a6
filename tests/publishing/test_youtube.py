"""Publishing to YouTube with Google's real client, against a server that behaves like it."""

from __future__ import annotations

from tests.publishing.conftest import Desk


def test_a_first_publish_uploads_every_language_and_a_second_one_nothing(desk: Desk) -> None:
    done = desk.publish()
    assert (done.code, done.err.count("uploaded")) == (0, 3), done
    assert sorted(track.language for track in desk.state.tracks.values()) == ["en", "ja", "zh-Hans"]
    assert b"welcome to the show" in desk.state.of("en")[0].data
    assert desk.state.calls.count("captions.insert") == 3
    assert [each.state for each in desk.receipts()] == ["serving"] * 3
    before = len(desk.state.calls)
    again = desk.publish()
    assert (again.code, "3 unchanged" in again.out) == (0, True), again
    assert desk.state.calls[before:] == ["videos.list", "captions.list"]
