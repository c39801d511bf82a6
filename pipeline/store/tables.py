"""The tables of the database, as the newest migration leaves them.

Every change here needs a migration beside it: a test compares what the migrations make with what stands here.
"""

from __future__ import annotations

import sqlalchemy as sa

SCHEMA_VERSION = 5
"""The number of the newest migration."""

metadata = sa.MetaData()


def _words(name: str, *, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=sa.text(f"'{default}'"))


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default=sa.text("0"))


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


meta = sa.Table(
    "zimu_meta",
    metadata,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("value", sa.String, nullable=False),
)

episodes = sa.Table(
    "episodes",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("created_at", sa.String, nullable=False),
    _words("path"),
    # Counts what changed in the episode, whatever it was: a page that knows the number knows if it is up to date.
    _number("changes"),
    sa.Index("episodes_by_path", "path"),
)

units = sa.Table(
    "units",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("episode_id", sa.String, sa.ForeignKey("episodes.id"), nullable=False),
    sa.Column("language", sa.String, nullable=False),
    sa.Column("first_line", sa.Integer, nullable=False),
    sa.Column("last_line", sa.Integer, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("stale", sa.Boolean, nullable=False),
    sa.Column("attached", sa.Boolean, nullable=False),
    sa.Column("engine", sa.String, nullable=False),
    sa.Column("fingerprint", sa.String, nullable=False),
    sa.Column("findings", sa.Text, nullable=False),
    sa.Column("proposal", sa.Text, nullable=False),
    sa.Column("proposal_fingerprint", sa.String, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("updated_at", sa.String, nullable=False),
    _number("start_ms"),
    _number("end_ms"),
    _words("line_times"),
    _words("text_source"),
    _words("made_from", default="{}"),
    _words("would_be_from", default="{}"),
    _words("proposal_engine"),
    _words("proposal_findings", default="[]"),
    _words("proposal_at"),
    _flag("flagged"),
    _words("flag_reason"),
    _words("cues"),
    _number("errors"),
    _number("warnings"),
    _number("open_comments"),
    _words("created_by"),
    _words("created_at"),
    _words("changed_by"),
    _words("approved_by"),
    _words("approved_at"),
    sa.Index("units_by_episode", "episode_id", "language", "attached", "first_line"),
)

revisions = sa.Table(
    "revisions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("unit_id", sa.Integer, sa.ForeignKey("units.id"), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("who", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    _words("kind"),
    _words("note"),
    # What else belonged to the unit then, as JSON: cues, flag, findings, engine, what it was made from.
    _words("state", default="{}"),
    # A browser's own name of a save, so that one sent twice is done once.
    sa.Column("save_id", sa.String, nullable=True),
    sa.UniqueConstraint("unit_id", "revision"),
    sa.Index("revisions_by_save", "save_id", unique=True),
)

# A language of an episode in numbers, kept with every change: to count 180,000 units takes too long for a page.
tallies = sa.Table(
    "tallies",
    metadata,
    sa.Column("episode_id", sa.String, sa.ForeignKey("episodes.id"), primary_key=True),
    sa.Column("language", sa.String, primary_key=True),
    _number("units"),
    _number("new"),
    _number("machine"),
    _number("edited"),
    _number("approved"),
    _number("stale"),
    _number("flagged"),
    _number("errors"),
    _number("warnings"),
    _number("open_comments"),
    _number("proposals"),
    _words("updated_at"),
)

comments = sa.Table(
    "comments",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("unit_id", sa.Integer, sa.ForeignKey("units.id"), nullable=False),
    _words("who"),
    _words("at"),
    _words("text"),
    _words("resolved_by"),
    _words("resolved_at"),
    sa.Column("save_id", sa.String, nullable=True),
    sa.Index("comments_by_unit", "unit_id"),
    sa.Index("comments_by_save", "save_id", unique=True),
)

dismissals = sa.Table(
    "dismissals",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("unit_id", sa.Integer, sa.ForeignKey("units.id"), nullable=False),
    _words("rule"),
    _words("value"),
    _words("reason"),
    _words("who"),
    _words("at"),
    # Of the sentence and the text that the finding was dismissed for.
    _words("digest"),
    sa.Index("dismissals_by_unit", "unit_id"),
)

people = sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _words("name"),
    sa.Column("name_key", sa.String, nullable=False, unique=True),
    _words("token_hash"),
    _words("created_at"),
    _words("revoked_at"),
)


def _line_key() -> tuple[sa.Column[int] | sa.Column[str], ...]:
    """How a transcript line is known again: its text, its neighbours', and where it was."""
    return _number("line_index"), _words("line_text"), _words("line_before"), _words("line_after")


pins = sa.Table(
    "line_pins",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("episode_id", sa.String, sa.ForeignKey("episodes.id"), nullable=False),
    *_line_key(),
    _number("start_ms"),
    _number("end_ms"),
    _words("who"),
    _words("at"),
    _number("revision"),
    sa.Index("pins_by_episode", "episode_id"),
)

borders = sa.Table(
    "unit_borders",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("episode_id", sa.String, sa.ForeignKey("episodes.id"), nullable=False),
    _words("language"),
    *_line_key(),
    _flag("ends"),
    _words("who"),
    _words("at"),
    sa.Index("borders_by_episode", "episode_id"),
)

line_edits = sa.Table(
    "line_edits",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("episode_id", sa.String, sa.ForeignKey("episodes.id"), nullable=False),
    _number("line_index"),
    _words("old"),
    _words("new"),
    _words("who"),
    _words("at"),
    sa.Index("line_edits_by_episode", "episode_id"),
)

# What an engine answered when it was asked for a shorter version; empty: asked in vain.
shorter_answers = sa.Table(
    "shorter_answers",
    metadata,
    sa.Column("unit_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("asked", sa.String, primary_key=True),
    sa.Column("answer", sa.Text, nullable=False),
)

tmx_units = sa.Table(
    "tmx_units",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("digest", sa.String, nullable=False, unique=True),
    sa.Column("file", sa.String, nullable=False),
    sa.Column("source_language", sa.String, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

# One row for each request that changes something on a platform: written before it is sent, completed after.
receipts = sa.Table(
    "receipts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("episode_id", sa.String, sa.ForeignKey("episodes.id"), nullable=False),
    _words("platform"),
    _words("video"),
    _words("track"),
    _words("language"),
    _words("code"),
    _words("name"),
    _words("kind"),
    # SHA-256 of the file.
    _words("digest"),
    _flag("live"),
    _words("state"),
    _words("reason"),
    # What the platform says of the track's last change.
    _words("updated"),
    _words("account"),
    _number("cost"),
    _words("who"),
    _words("at"),
    sa.Index("receipts_by_episode", "episode_id", "platform", "video"),
)

# Units of a platform's daily quota; the day is the platform's own.
quota_spent = sa.Table(
    "quota_spent",
    metadata,
    sa.Column("platform", sa.String, primary_key=True),
    sa.Column("day", sa.String, primary_key=True),
    _number("units"),
)

# Titles and descriptions of videos in other languages.
video_texts = sa.Table(
    "video_texts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("episode_id", sa.String, sa.ForeignKey("episodes.id"), nullable=False),
    sa.Column("language", sa.String, nullable=False),
    # title or description
    sa.Column("field", sa.String, nullable=False),
    # What it is a translation of.
    _words("source"),
    _words("text"),
    _words("status"),
    _words("engine"),
    _words("who"),
    _words("at"),
    _number("revision"),
    sa.UniqueConstraint("episode_id", "language", "field"),
)

# Every state that they had.
video_text_revisions = sa.Table(
    "video_text_revisions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("text_id", sa.Integer, sa.ForeignKey("video_texts.id"), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    _words("source"),
    _words("text"),
    _words("status"),
    _words("engine"),
    _words("who"),
    _words("at"),
    # machine, edit, approve, reopen or revert
    _words("kind"),
    sa.UniqueConstraint("text_id", "revision"),
)

batch_runs = sa.Table(
    "batch_runs",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    _words("workspace"),
    _words("command"),
    _words("executor"),
    _words("host"),
    _number("pid"),
    _words("started_at"),
    _words("ended_at"),
    _words("state"),
    _number("episodes"),
    _number("done"),
    _number("failed"),
)

batch_stages = sa.Table(
    "batch_stages",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run_id", sa.String, sa.ForeignKey("batch_runs.id"), nullable=False),
    _words("episode"),
    _words("stage"),
    _words("state"),
    _words("started_at"),
    sa.Column("seconds", sa.Float, nullable=False, server_default=sa.text("0")),
    _words("worker"),
    _words("error"),
    sa.Index("batch_stages_by_run", "run_id"),
)

# What an episode's folder looked like when nothing was left to do in it: docs/batch.md.
batch_marks = sa.Table(
    "batch_marks",
    metadata,
    sa.Column("workspace", sa.String, primary_key=True),
    sa.Column("episode", sa.String, primary_key=True),
    _words("state"),
    _words("signature"),
    _words("watched"),
    _words("store_id"),
    _words("error"),
    _words("at"),
)
