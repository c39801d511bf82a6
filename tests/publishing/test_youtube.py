"""Publishing to YouTube with Google's real client, against a server that behaves like it, and misbehaves like it."""

from __future__ import annotations

import json
import logging
import re

import pytest

from pipeline.files import config_file
from pipeline.publishing import ledger
from pipeline.store import Store
from tests.publishing.conftest import TEXTS, Desk
from tests.publishing.youtube_server import Fault

SECRETS = ("refresh-secret-abc", "client-secret-xyz", "access-")


def right_tracks(desk: Desk, *, languages: tuple[str, ...] = ("en", "ja", "zh-Hans")) -> None:
    """Each language has exactly one track, with the right content."""
    tracks = sorted(desk.state.tracks.values(), key=lambda track: track.language)
    assert tuple(track.language for track in tracks) == languages
    words = {"en": "welcome to the show", "ja": "皆さん こんにちは", "zh-Hans": "大家好"}
    for track in tracks:
        assert words[track.language] in track.data.decode(), track
        assert track.data.decode().count("-->") >= 3


def changing(desk: Desk, since: int = 0) -> list[str]:
    """The calls that change something."""
    return [call for call in desk.state.calls[since:] if not call.endswith((".list", ".download"))]


def test_a_first_publish_uploads_every_language_and_a_second_one_nothing(desk: Desk) -> None:
    done = desk.publish()
    assert (done.code, done.err.count("uploaded")) == (0, 3), done
    right_tracks(desk)
    # One look, three uploads; every track was served at once, so that nobody had to look again.
    assert desk.state.units == 1 + 50 + 3 * 400
    for receipt in desk.receipts():
        track = desk.state.of(receipt.code)[0]
        assert (receipt.state, receipt.live, receipt.track, receipt.updated) == (
            "serving",
            True,
            track.id,
            track.updated,
        )
        assert (receipt.cost, receipt.account, receipt.video) == (400, "Zimu Channel", "vid1")
    before = len(desk.state.calls)
    again = desk.publish()
    assert (again.code, "3 unchanged" in again.out) == (0, True), again
    assert desk.state.calls[before:] == ["videos.list", "captions.list"]


def test_a_dry_run_changes_nothing_and_says_what_it_would_cost(desk: Desk) -> None:
    shown = desk.publish("--dry-run")
    assert shown.code == 0
    assert re.search(r"zh-Hans +upload +400 +it is not there yet", shown.out)
    assert "3 to do, which take 1,200 units" in shown.out
    assert "9,949 of 10,000 are left today" in shown.out
    assert changing(desk) == []
    assert not desk.state.tracks
    assert desk.receipts() == ()
    desk.publish()
    assert desk.state.units == 51 + 51 + 1200


def test_a_changed_translation_replaces_its_track_and_no_other(desk: Desk) -> None:
    desk.publish()
    before = len(desk.state.calls)
    desk.approve("en", texts={**TEXTS, "en": ["Hi all, welcome to the show.", *TEXTS["en"][1:]]})
    done = desk.publish()
    assert (done.code, "en: replaced" in done.err, "2 unchanged" in done.out) == (0, True, True), done
    assert changing(desk, before) == ["captions.update", "upload"]
    assert b"Hi all" in desk.state.of("en")[0].data
    right_tracks(desk)


def test_the_spoken_language_comes_first_and_the_rest_in_their_order(desk: Desk) -> None:
    desk.publish("--languages", "ja,en")
    inserted = [
        each["body"]["snippet"]["language"] for each in desk.state.requests if each["call"] == "captions.insert"
    ]
    assert inserted == ["ja", "en"]


def test_an_upload_that_is_cut_in_the_middle_goes_on_there(desk: Desk) -> None:
    desk.state.faults = [Fault("upload", cut=40), Fault("upload", cut=7)]
    assert desk.publish().code == 0
    right_tracks(desk)
    assert desk.state.calls.count("captions.insert") == 3


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", ["captions.list", "videos.list", "upload", "captions.insert"])
def test_a_lost_connection_leaves_one_right_track_a_language(desk: Desk, call: str, after: bool) -> None:
    desk.state.faults = [Fault(call, after=after, times=2)]
    assert desk.publish().code == 0
    right_tracks(desk)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_replacement_whose_answer_is_lost_is_done_once(desk: Desk, after: bool) -> None:
    desk.publish()
    desk.approve("en", texts={**TEXTS, "en": ["Hi, welcome to the show.", *TEXTS["en"][1:]]})
    desk.state.faults = [Fault("upload", after=after, times=5)]
    before = len(desk.state.calls)
    assert desk.publish().code == 0
    right_tracks(desk)
    assert b"Hi, welcome" in desk.state.of("en")[0].data
    assert desk.state.calls[before:].count("captions.update") <= 2


def test_an_insert_that_went_through_unseen_is_not_sent_again(desk: Desk) -> None:
    desk.state.faults = [Fault("upload", after=True, times=4)]  # all that the client tries
    done = desk.publish("--languages", "en")
    assert done.code == 0, done
    right_tracks(desk, languages=("en",))
    assert desk.state.calls.count("captions.insert") == 1


def test_a_track_that_exists_already_is_found_by_looking_again(desk: Desk) -> None:
    """Somebody else uploads it between our look and our upload: 409 captionExists."""
    desk.state.faults = [Fault("captions.insert", status=409, reason="captionExists")]
    done = desk.publish("--languages", "en")
    assert done.code == 0, done
    right_tracks(desk, languages=("en",))


@pytest.mark.parametrize(
    ("status", "reason"), [(500, "backendError"), (503, ""), (429, ""), (403, "rateLimitExceeded")]
)
def test_a_busy_server_is_asked_again_when_it_says(desk: Desk, status: int, reason: str) -> None:
    desk.state.faults = [
        Fault("captions.list", status=status, reason=reason, retry_after="0"),
        Fault("captions.insert", status=status, reason=reason, retry_after="0"),
        Fault("upload", status=status, reason=reason, retry_after="0"),
    ]
    assert desk.publish().code == 0
    right_tracks(desk)


def test_a_server_that_stays_busy_is_said_and_the_next_run_goes_on(desk: Desk) -> None:
    desk.state.faults = [Fault("captions.insert", status=503, times=100)]
    failed = desk.publish("--languages", "en,ja")
    assert failed.code == 5
    assert "YouTube can't answer now" in failed.err
    assert "later" in failed.err
    desk.state.faults = []
    assert desk.publish().code == 0
    right_tracks(desk)


def test_an_access_token_that_ran_out_is_renewed(desk: Desk) -> None:
    desk.publish("--languages", "en")
    tokens = [each for each in desk.state.requests if each["call"] == "token"]
    assert [each["body"]["grant_type"] for each in tokens] == ["refresh_token"]
    desk.state.faults = [Fault("captions.insert", status=401, reason="authError")]
    assert desk.publish().code == 0
    right_tracks(desk)


def test_a_sign_in_that_expired_says_so_and_why(desk: Desk) -> None:
    desk.state.revoked = True
    failed = desk.publish()
    assert failed.code == 5
    assert "expired, or was revoked" in failed.err
    assert "zimu auth youtube" in failed.err
    assert "seven days" in failed.err
    assert desk.state.calls == []


def test_nobody_is_signed_in(desk: Desk) -> None:
    desk.credentials.unlink()
    failed = desk.publish()
    assert (failed.code, "zimu auth youtube" in failed.err) == (5, True), failed


def test_another_channels_video_is_refused_before_anything_is_sent(desk: Desk) -> None:
    desk.state.add_video("vid1", channel="UC-other")
    failed = desk.publish()
    assert failed.code == 5
    assert "belongs to Someone Else, and Zimu Channel is signed in" in failed.err
    assert changing(desk) == []


def test_an_account_that_may_not_change_the_video_is_told(desk: Desk) -> None:
    desk.state.faults = [Fault("captions.list", status=403, reason="forbidden", times=9)]
    failed = desk.publish()
    assert (failed.code, "does not let this account" in failed.err) == (5, True), failed


def test_an_unknown_video_is_told(desk: Desk) -> None:
    desk.episode.joinpath("episode.toml").write_text('[publish]\nvideos = { youtube = "nope" }\n', "utf-8")
    failed = desk.publish()
    assert failed.code == 5
    assert "no such video" in failed.err
    assert "publish.videos.youtube" in failed.err
    before = len(desk.state.calls)
    address = "https://www.youtube.com/watch?v=vid1"
    desk.episode.joinpath("episode.toml").write_text(f'[publish]\nvideos = {{ youtube = "{address}" }}\n', "utf-8")
    failed = desk.publish()
    assert (failed.code, 'Write publish.videos.youtube = "vid1".' in failed.err) == (5, True), failed
    assert len(desk.state.calls) == before, "nothing is asked about what is no id"


def test_an_episode_without_a_video_says_where_to_name_it(desk: Desk) -> None:
    desk.episode.joinpath("episode.toml").unlink()
    failed = desk.publish()
    assert (failed.code, "videos = { youtube" in failed.err) == (2, True), failed


def test_slow_processing_is_waited_for(desk: Desk) -> None:
    desk.state.processing = 2
    done = desk.publish()
    assert (done.code, "being processed" in done.err) == (0, True), done
    assert {each.state for each in desk.receipts()} == {"serving"}
    assert "3 unchanged" in desk.publish().out


def test_processing_that_takes_longer_is_seen_by_the_next_run(desk: Desk) -> None:
    desk.state.processing = 50
    done = desk.publish("--languages", "en")
    assert done.code == 0
    assert [each.state for each in desk.receipts()] == ["processing"]
    for track in desk.state.tracks.values():
        track.wait = 0
    before = len(desk.state.calls)
    assert "1 unchanged" in desk.publish("--languages", "en").out
    assert changing(desk, before) == []
    assert desk.receipts()[-1].state == "serving"


def test_processing_that_fails_is_said_with_its_reason_and_not_tried_again_by_itself(desk: Desk) -> None:
    desk.state.failing = "unknownFormat"
    failed = desk.publish("--languages", "en")
    assert failed.code == 5
    assert "could not process the track: unknownFormat" in failed.err
    assert desk.receipts()[-1].reason == "unknownFormat"
    before = len(desk.state.calls)
    again = desk.publish("--languages", "en")
    assert (again.code, "unknownFormat" in again.err, changing(desk, before)) == (1, True, [])
    desk.state.failing = ""
    assert desk.publish("--languages", "en", "--overwrite").code == 0
    right_tracks(desk, languages=("en",))


def test_a_track_that_was_deleted_there_is_uploaded_again(desk: Desk) -> None:
    desk.publish()
    desk.state.tracks = {key: each for key, each in desk.state.tracks.items() if each.language != "ja"}
    assert desk.plan()["ja"]["why"].startswith("somebody deleted it there")
    done = desk.publish()
    assert (done.code, "ja: uploaded" in done.err) == (0, True)
    right_tracks(desk)


def test_a_track_that_is_deleted_while_it_is_replaced_is_uploaded(desk: Desk) -> None:
    desk.publish()
    desk.approve("en", texts={**TEXTS, "en": ["Hi, welcome to the show.", *TEXTS["en"][1:]]})
    desk.state.faults = [Fault("captions.update", status=404, reason="captionNotFound", removes="en")]
    done = desk.publish()
    assert done.code == 0, done
    assert any(each.state == "gone" for each in desk.receipts())
    assert b"Hi, welcome" in desk.state.of("en")[0].data
    right_tracks(desk)


def test_a_correction_made_there_is_never_overwritten_unasked(desk: Desk) -> None:
    desk.publish()
    track = desk.state.of("en")[0]
    desk.state.edit(track, track.data.replace(b"the show", b"the programme"))
    desk.approve("en", texts={**TEXTS, "en": [TEXTS["en"][0], "Something else, here.", TEXTS["en"][2]]})
    held = desk.publish()
    assert held.code == 1
    assert "somebody changed it there and here" in held.err
    before = len(desk.state.calls)
    assert "somebody changed it there and here" in desk.zimu("publish", "status", desk.episode).out
    assert desk.state.calls[before:] == ["videos.list", "captions.list"], "it is downloaded once for each state"
    assert b"programme" in track.data
    done = desk.publish("--overwrite")
    assert done.code == 0
    assert b"Something else" in desk.state.of("en")[0].data
    kept = list((desk.episode / "zimu" / "published" / "replaced").iterdir())
    assert len(kept) == 1
    assert b"programme" in kept[0].read_bytes()


def test_a_track_that_only_looks_changed_is_left_alone(desk: Desk) -> None:
    desk.publish()
    desk.state.edit(desk.state.of("en")[0], desk.state.of("en")[0].data)  # saved again there, as it was
    before = len(desk.state.calls)
    assert "3 unchanged" in desk.publish().out
    assert changing(desk, before) == []
    before = len(desk.state.calls)
    desk.publish()
    assert "captions.download" not in desk.state.calls[before:], "it is known now"


def test_what_was_corrected_there_comes_back_as_an_edit(desk: Desk) -> None:
    desk.publish()
    track = desk.state.of("en")[0]
    desk.state.edit(track, track.data.replace(b"the show", b"the programme"))
    shown = desk.zimu("publish", "fetch", desk.episode, "--languages", "en,ja")
    assert shown.code == 0
    assert "would change 1 text" in shown.out
    assert "ja: the same as here" in shown.out
    taken = desk.zimu("publish", "fetch", desk.episode, "--languages", "en", "--import", "--who", "wang")
    assert taken.code == 0, taken
    with Store.open(desk.workspace / "zimu.db") as store:
        unit = store.units(store.episode_at("talk").id, "en")[0]
        assert (unit.text, unit.changed_by) == ("Hello everyone, welcome to the programme.", "wang")
        store.approve(unit.id, "wang", unit.revision)
    before = len(desk.state.calls)
    assert "3 unchanged" in desk.publish().out
    assert changing(desk, before) == []


def test_what_people_wrote_here_since_is_a_conflict_and_stays(desk: Desk) -> None:
    desk.publish()
    track = desk.state.of("en")[0]
    desk.state.edit(track, track.data.replace(b"the show", b"the programme"))
    desk.approve("en", texts={**TEXTS, "en": ["Hello all, welcome to this show.", *TEXTS["en"][1:]]})
    done = desk.zimu("publish", "fetch", desk.episode, "--languages", "en", "--import")
    with Store.open(desk.workspace / "zimu.db") as store:
        unit = store.units(store.episode_at("talk").id, "en")[0]
    assert (done.code, unit.text) == (1, "Hello all, welcome to this show."), done


def test_a_track_of_somebody_elses_making_is_replaced_and_kept(desk: Desk) -> None:
    desk.state.add_track("vid1", "en", b"1\n00:00:01,000 --> 00:00:02,000\nby hand\n")
    desk.state.add_track("vid1", "en", b"heard", name="English (auto)", kind="ASR")
    desk.state.add_track("vid1", "ja", b"1\n00:00:01,000 --> 00:00:02,000\nother\n", name="for children")
    plan = desk.plan()
    assert plan["en"]["kind"] == "update"
    assert "that Zimu did not upload" in plan["en"]["why"]
    assert plan["ja"]["kind"] == "insert"
    assert "beside another one (“for children”)" in plan["ja"]["why"]
    assert desk.publish().code == 0
    assert b"welcome to the show" in desk.state.of("en")[0].data
    assert desk.state.of("en", "English (auto)")[0].data == b"heard"
    assert len(desk.state.of("ja", "for children")) == len(desk.state.of("ja")) == 1
    (kept,) = (desk.episode / "zimu" / "published" / "replaced").iterdir()
    assert b"by hand" in kept.read_bytes()


def test_a_track_that_is_right_already_is_adopted_without_an_upload(desk: Desk) -> None:
    desk.publish()
    with Store.open(desk.workspace / "zimu.db") as store, store.connection(write=True) as connection:
        connection.exec_driver_sql("DELETE FROM receipts")
    before = len(desk.state.calls)
    assert "3 unchanged" in desk.publish().out
    assert changing(desk, before) == []
    assert {each.kind for each in desk.receipts()} == {"adopt"}


def test_drafts_are_uploaded_unseen_and_published_later(desk: Desk) -> None:
    assert desk.publish("--draft", "--languages", "en").code == 0
    assert desk.state.of("en")[0].draft
    # By default viewers are to see it: the draft is published, without sending the file again.
    done = desk.publish("--languages", "en")
    assert (done.code, desk.state.of("en")[0].draft, desk.state.calls.count("upload")) == (0, False, 1), done
    assert desk.receipts()[-1].live
    # A setting alone takes nothing back from viewers; being told to does.
    assert "1 unchanged" in desk.publish("--languages", "en", "--set", "publish.live=false").out
    assert desk.publish("--draft", "--languages", "en").code == 0
    assert desk.state.of("en")[0].draft


def test_what_nobody_approved_is_not_seen_by_viewers(desk: Desk) -> None:
    with Store.open(desk.workspace / "zimu.db") as store:
        unit = store.units(store.episode_at("talk").id, "ja")[0]
        store.reopen(unit.id, "li", unit.revision)
    done = desk.publish()
    assert (done.code, "ja: left: 1 of 3 sentences are not approved" in done.err) == (0, True), done
    right_tracks(desk, languages=("en", "zh-Hans"))
    done = desk.publish("--set", "publish.unapproved=draft")
    assert (done.code, desk.state.of("ja")[0].draft, desk.state.of("en")[0].draft) == (0, True, False), done
    assert desk.publish("--live", "--set", "publish.unapproved=draft").code == 0
    assert desk.state.of("ja")[0].draft, "approval, not a flag, makes it public"
    desk.approve("ja")
    assert desk.publish().code == 0
    assert not desk.state.of("ja")[0].draft


def test_names_and_languages_that_youtube_refuses_are_found_before_anything_is_sent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = desk.publish("--set", f"publish.name={{youtube='{'长' * 151}'}}")
    assert failed.code == 1
    assert "its name has 151 characters, at most 150" in failed.err
    assert changing(desk) == []
    table = desk.workspace / "config" / "languages.toml"
    table.parent.mkdir()
    text = config_file("languages.toml").read_text("utf-8").replace('youtube = "ja"', 'youtube = "xjp"')
    table.write_text(text, "utf-8")
    failed = desk.publish()
    assert failed.code == 1
    assert "does not know the language xjp" in failed.err
    right_tracks(desk, languages=("en", "zh-Hans"))
    own = desk.episode / "episode.toml"
    own.write_text(own.read_text("utf-8").replace("videos = {", 'videos = { vimeo = "1",'), "utf-8")
    monkeypatch.setenv("ZIMU_VIMEO_TOKEN", "never-asked")
    unknown = desk.publish("--languages", "jp", "--set", f"publish.endpoints={{vimeo='{desk.server.url}'}}")
    assert (unknown.code, "“ja”" in unknown.err) == (2, True), unknown
    assert unknown.err.count("does not know the language “jp”") == 1


def test_a_subtitle_past_the_videos_end_is_not_sent(desk: Desk) -> None:
    desk.state.add_video("vid1", duration="PT9S")
    failed = desk.publish()
    assert failed.code == 1
    assert "the video is 9000 ms long" in failed.err
    assert changing(desk) == []


def test_names_are_made_from_the_template(desk: Desk) -> None:
    desk.publish("--languages", "en", "--set", "publish.name={youtube='{own_name} – {title}'}")
    assert [track.name for track in desk.state.tracks.values()] == ["English – RISC-V 的故事"]
    # YouTube can't rename a track: another template does not make a second one.
    done = desk.publish("--languages", "en")
    assert (done.code, len(desk.state.tracks)) == (0, 1), done


def test_quota_that_does_not_suffice_goes_to_what_matters_most(desk: Desk) -> None:
    limit = "publish.quota_per_day={youtube=860}"
    shown = desk.publish("--dry-run", "--set", limit)
    assert re.search(r"zh-Hans +upload", shown.out)
    assert re.search(r"ja +wait", shown.out)
    assert "Left for want of quota: 2 to send" in shown.err
    done = desk.publish("--set", "publish.quota_per_day={youtube=970}")
    assert done.code == 5
    assert "1 to send" in done.err
    assert "goes on from" in done.err
    right_tracks(desk, languages=("en", "zh-Hans"))
    assert desk.state.units <= 970


def test_an_exceeded_quota_stops_at_once_and_the_next_day_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.state.quota = 600  # other programs have spent the rest
    stopped = desk.publish()
    assert stopped.code == 5
    assert "2 to send" in stopped.err
    assert len(desk.state.tracks) == 1
    before = len(desk.state.calls)
    again = desk.publish()
    assert (again.code, desk.state.calls[before:]) == (5, []), "nothing is asked before it is renewed"
    assert "1 video to look at" in again.err
    tomorrow = ledger.renewal(ledger.utc_now())
    monkeypatch.setattr(ledger.Ledger, "today", property(lambda self: ledger.quota_day(tomorrow)))
    desk.state.units, desk.state.quota = 0, 10_000
    assert desk.publish().code == 0
    right_tracks(desk)


def test_titles_go_to_the_video_without_wiping_what_it_has(desk: Desk) -> None:
    video = desk.state.videos["vid1"]
    video["localizations"] = {"ko": {"title": "이야기", "description": "설명"}}
    own = desk.episode / "episode.toml"
    own.write_text(own.read_text("utf-8") + 'titles = { en = "The story of RISC-V" }\n', "utf-8")
    title = desk.zimu("publish", "titles", desk.episode, "--languages", "ja", "--title", "RISC-Vの物語")
    assert title.code == 0, title
    before = dict(video["snippet"])
    held = desk.publish()
    assert "ja: left: the title is not approved" in held.err
    desk.zimu("publish", "titles", desk.episode, "--languages", "ja", "--approve", "--who", "li")
    done = desk.publish()
    assert done.code == 0, done
    video = desk.state.videos["vid1"]
    assert video["snippet"] == {**before, "defaultLanguage": "zh-Hans"}
    assert {code: text["title"] for code, text in video["localizations"].items()} == {
        "ko": "이야기", "en": "The story of RISC-V", "ja": "RISC-Vの物語",
    }  # fmt: skip
    assert video["localizations"]["ko"]["description"] == "설명"
    before = len(desk.state.calls)
    desk.publish()
    assert changing(desk, before) == []
    video["localizations"]["en"]["title"] = "Somebody's own"
    held = desk.publish()
    assert (held.code, "not one that Zimu wrote" in held.err) == (1, True), held
    assert video["localizations"]["en"]["title"] == "Somebody's own"


def test_the_videos_own_title_is_left_alone(desk: Desk) -> None:
    desk.state.videos["vid1"]["snippet"]["defaultLanguage"] = "en"
    own = desk.episode / "episode.toml"
    own.write_text(own.read_text("utf-8") + 'titles = { en = "The story", ja = "物語" }\n', "utf-8")
    done = desk.publish()
    assert (done.code, "en: left: the video's own title there is in this language" in done.err) == (0, True), done
    assert set(desk.state.videos["vid1"]["localizations"]) == {"ja"}
    assert desk.state.videos["vid1"]["snippet"]["title"] == "RISC-V 的故事"


def test_a_title_that_youtube_refuses_is_found_before(desk: Desk) -> None:
    own = desk.episode / "episode.toml"
    own.write_text(own.read_text("utf-8") + f'titles = {{ en = "{"x" * 101}", ja = "a < b" }}\n', "utf-8")
    failed = desk.publish()
    assert failed.code == 1
    assert "the title has 101 characters, at most 100" in failed.err
    assert "ja: left: YouTube would refuse it: title and description must be without <" in failed.err
    assert "videos.update" not in desk.state.calls


def test_status_shows_what_is_there_what_differs_and_what_it_would_cost(desk: Desk) -> None:
    desk.publish("--languages", "en")
    desk.approve("en", texts={**TEXTS, "en": ["Hi, welcome.", *TEXTS["en"][1:]]})
    shown = desk.zimu("publish", "status", desk.workspace)
    assert shown.code == 0, shown
    assert re.search(r"talk +youtube +en +live +replace +450 +the subtitles changed here", shown.out)
    assert re.search(r"talk +youtube +ja +– +upload +400", shown.out)
    with Store.open(desk.workspace / "zimu.db") as store:
        unit = store.units(store.episode_at("talk").id, "en")[0]
        store.reopen(unit.id, "li", unit.revision)
    shown = desk.zimu("publish", "status", desk.workspace)
    assert re.search(r"talk +youtube +en +live +leave +1 of 3 sentences are not approved", shown.out), shown
    desk.state.videos["vid1"]["snippet"]["title"] = "title \x1b]0;owned\x07"
    assert "\x1b" not in desk.publish("--dry-run").out, "a terminal obeys nothing that a platform says"
    desk.episode.joinpath("episode.toml").unlink()
    assert "it names no video" in desk.zimu("publish", "status", desk.workspace).out
    before = len(desk.state.calls)
    kept = desk.zimu("publish", "status", desk.workspace, "--receipts")
    assert re.search(r"talk +youtube +vid1 +en +serving +T\d+ +400", kept.out)
    assert len(desk.state.calls) == before


def test_no_secret_is_told_anywhere(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    desk.state.faults = [Fault("captions.insert", status=400, reason="invalidMetadata")]
    outputs = [
        desk.publish("--debug", "--json"),
        desk.zimu("publish", "status", desk.episode),
        desk.publish("--dry-run"),
    ]
    desk.state.revoked = True
    outputs.append(desk.publish("--verbose"))
    files = [path.read_bytes().decode("latin-1") for path in desk.workspace.rglob("*") if path.is_file()]
    for secret in SECRETS:
        assert not any(secret in each.out + each.err for each in outputs), secret
        assert not any(secret in text for text in files), secret
        assert secret not in caplog.text, secret


def test_several_episodes_one_of_which_is_broken(desk: Desk) -> None:
    (desk.workspace / "bad").mkdir()
    (desk.workspace / "bad" / "episode.toml").write_text("[publish]\n", "utf-8")
    done = desk.zimu("publish", desk.workspace / "bad", desk.episode)
    assert done.code == 3
    assert "bad: " in done.err
    right_tracks(desk)


def test_json_tells_it_all(desk: Desk) -> None:
    done = desk.publish("--json")
    assert json.loads(done.out)["exit_code"] == 0
    assert [each["kind"] for each in done.json["outcomes"]] == ["insert"] * 3
    assert done.json["quotas"][0]["left"] == 10_000 - 51 - 1200
