"""What a review needs: people, comments, dismissals, cues, pins, borders, what made a unit stale, and numbers."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_UNIT_WORDS = {
    "line_times": "", "text_source": "", "made_from": "{}", "would_be_from": "{}", "proposal_engine": "",
    "proposal_findings": "[]", "proposal_at": "", "flag_reason": "", "cues": "", "created_by": "", "created_at": "",
    "changed_by": "", "approved_by": "", "approved_at": "",
}  # fmt: skip
_UNIT_NUMBERS = ("start_ms", "end_ms", "errors", "warnings", "open_comments")
_TALLY_NUMBERS = (
    "units", "new", "machine", "edited", "approved", "stale", "flagged", "errors", "warnings", "open_comments",
    "proposals",
)  # fmt: skip


def upgrade() -> None:
    """Widen the tables, make the new ones, and fill in what the old ones already tell."""
    _widen()
    _make_about_units()
    _make_about_lines()
    connection = op.get_bind()
    if not sa.inspect(connection).has_table("tmx_units"):
        op.create_table(
            "tmx_units",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("digest", sa.String, nullable=False, unique=True),
            sa.Column("file", sa.String, nullable=False),
            sa.Column("source_language", sa.String, nullable=False),
            sa.Column("body", sa.Text, nullable=False),
        )
    if not sa.inspect(connection).has_table("shorter_answers"):
        op.create_table(
            "shorter_answers",
            sa.Column("unit_id", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("asked", sa.String, primary_key=True),
            sa.Column("answer", sa.Text, nullable=False),
        )
    _fill(connection)
    op.execute("UPDATE zimu_meta SET value = '2' WHERE key = 'schema'")


def _words(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=sa.text(f"'{default}'"))


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default=sa.text("0"))


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def _widen() -> None:
    op.add_column("episodes", _words("path"))
    op.add_column("episodes", _number("changes"))
    op.create_index("episodes_by_path", "episodes", ["path"])
    for name, default in _UNIT_WORDS.items():
        op.add_column("units", _words(name, default))
    for name in _UNIT_NUMBERS:
        op.add_column("units", _number(name))
    op.add_column("units", _flag("flagged"))
    for column in (_words("kind"), _words("note"), _words("state", "{}"), sa.Column("save_id", sa.String)):
        op.add_column("revisions", column)
    op.create_index("revisions_by_save", "revisions", ["save_id"], unique=True)


def _of_unit() -> sa.Column[Any]:
    return sa.Column("unit_id", sa.Integer, sa.ForeignKey("units.id"), nullable=False)


def _of_episode(**options: bool) -> sa.Column[Any]:
    return sa.Column("episode_id", sa.String, sa.ForeignKey("episodes.id"), nullable=False, **options)  # type: ignore[arg-type]


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True)


def _make_about_units() -> None:
    op.create_table(
        "tallies",
        _of_episode(primary_key=True),
        sa.Column("language", sa.String, primary_key=True),
        *map(_number, _TALLY_NUMBERS),
        _words("updated_at"),
    )
    told = map(_words, ("who", "at", "text", "resolved_by", "resolved_at"))
    op.create_table("comments", _id(), _of_unit(), *told, sa.Column("save_id", sa.String))
    op.create_index("comments_by_unit", "comments", ["unit_id"])
    op.create_index("comments_by_save", "comments", ["save_id"], unique=True)
    said = map(_words, ("rule", "value", "reason", "who", "at", "digest"))
    op.create_table("dismissals", _id(), _of_unit(), *said)
    op.create_index("dismissals_by_unit", "dismissals", ["unit_id"])
    op.create_table(
        "people",
        _id(),
        _words("name"),
        sa.Column("name_key", sa.String, nullable=False, unique=True),
        *map(_words, ("token_hash", "created_at", "revoked_at")),
    )


def _make_about_lines() -> None:
    def line() -> tuple[sa.Column[Any], ...]:
        return _number("line_index"), _words("line_text"), _words("line_before"), _words("line_after")

    op.create_table(
        "line_pins", _id(), _of_episode(), *line(), _number("start_ms"), _number("end_ms"), _words("who"),
        _words("at"), _number("revision"),
    )  # fmt: skip
    op.create_index("pins_by_episode", "line_pins", ["episode_id"])
    op.create_table(
        "unit_borders", _id(), _of_episode(), _words("language"), *line(), _flag("ends"), _words("who"), _words("at")
    )
    op.create_index("borders_by_episode", "unit_borders", ["episode_id"])
    op.create_table(
        "line_edits", _id(), _of_episode(), _number("line_index"), *map(_words, ("old", "new", "who", "at"))
    )
    op.create_index("line_edits_by_episode", "line_edits", ["episode_id"])


def _fill(connection: sa.Connection) -> None:
    for statement in (
        "UPDATE episodes SET path = id",
        "UPDATE revisions SET kind = CASE WHEN who LIKE 'machine:%' THEN 'machine'"
        " WHEN status = 'approved' THEN 'approve' ELSE 'edit' END",
        "UPDATE units SET text_source = source",
    ):
        connection.execute(sa.text(statement))
    _fill_from_revisions(connection)
    _fill_findings(connection)
    connection.execute(sa.text(
        "INSERT INTO tallies (episode_id, language, units, new, machine, edited, approved, stale, errors, warnings,"
        " proposals, updated_at)"
        " SELECT episode_id, language, count(*), sum(CASE status WHEN 'new' THEN 1 ELSE 0 END),"
        " sum(CASE status WHEN 'machine' THEN 1 ELSE 0 END), sum(CASE status WHEN 'edited' THEN 1 ELSE 0 END),"
        " sum(CASE status WHEN 'approved' THEN 1 ELSE 0 END), sum(CASE WHEN stale THEN 1 ELSE 0 END),"
        " sum(errors), sum(warnings), sum(CASE proposal WHEN '' THEN 0 ELSE 1 END), max(updated_at)"
        " FROM units WHERE attached GROUP BY episode_id, language"
    ))  # fmt: skip


def _fill_from_revisions(connection: sa.Connection) -> None:
    """Who wrote it first, changed it last and approved it, and for which sentence."""
    rows = connection.execute(sa.text(
        "SELECT u.id, u.status, first.who AS created_by, first.at AS created_at, last.who, last.at, last.source"
        " FROM units u JOIN revisions last ON last.unit_id = u.id AND last.revision = u.revision"
        " JOIN revisions first ON first.unit_id = u.id AND first.revision = 1"
    ))  # fmt: skip
    values = [
        {
            "unit": row.id,
            "created_by": row.created_by,
            "created_at": row.created_at,
            "who": row.who,
            "source": row.source,
            "approved_by": row.who if row.status == "approved" else "",
            "approved_at": row.at if row.status == "approved" else "",
        }
        for row in rows
    ]
    if values:
        connection.execute(sa.text(
            "UPDATE units SET created_by = :created_by, created_at = :created_at, changed_by = :who,"
            " text_source = :source, approved_by = :approved_by, approved_at = :approved_at WHERE id = :unit"
        ), values)  # fmt: skip


def _fill_findings(connection: sa.Connection) -> None:
    rows = connection.execute(sa.text("SELECT id, findings FROM units WHERE findings <> '[]'"))
    values = []
    for row in rows:
        severities = [each["severity"] for each in json.loads(row.findings)]
        values.append({"unit": row.id, "e": severities.count("error"), "w": severities.count("warning")})
    if values:
        connection.execute(sa.text("UPDATE units SET errors = :e, warnings = :w WHERE id = :unit"), values)
