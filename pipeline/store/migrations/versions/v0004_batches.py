"""Batches: their history, and the marks that tell a finished episode without opening it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=sa.text("''"))


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default=sa.text("0"))


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "batch_runs",
        sa.Column("id", sa.String, primary_key=True),
        *map(_words, ("workspace", "command", "executor", "host")),
        _number("pid"),
        *map(_words, ("started_at", "ended_at", "state")),
        *map(_number, ("episodes", "done", "failed")),
    )
    op.create_table(
        "batch_stages",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.String, sa.ForeignKey("batch_runs.id"), nullable=False),
        *map(_words, ("episode", "stage", "state", "started_at")),
        sa.Column("seconds", sa.Float, nullable=False, server_default=sa.text("0")),
        *map(_words, ("worker", "error")),
    )
    op.create_index("batch_stages_by_run", "batch_stages", ["run_id"])
    op.create_table(
        "batch_marks",
        sa.Column("workspace", sa.String, primary_key=True),
        sa.Column("episode", sa.String, primary_key=True),
        *map(_words, ("state", "signature", "watched", "store_id", "error", "at")),
    )
    op.execute("UPDATE zimu_meta SET value = '4' WHERE key = 'schema'")
