"""What publishing keeps: receipts, the quota spent by day, titles and descriptions in other languages."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "receipts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("episode_id", sa.String, sa.ForeignKey("episodes.id"), nullable=False),
        *map(_words, ("platform", "video", "track", "language", "code", "name", "kind", "digest")),
        sa.Column("live", sa.Boolean, nullable=False, server_default=sa.false()),
        *map(_words, ("state", "reason", "updated", "account")),
        _number("cost"),
        *map(_words, ("who", "at")),
    )
    op.create_index("receipts_by_episode", "receipts", ["episode_id", "platform", "video"])
    op.create_table(
        "quota_spent",
        sa.Column("platform", sa.String, primary_key=True),
        sa.Column("day", sa.String, primary_key=True),
        _number("units"),
    )
    op.create_table(
        "video_texts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("episode_id", sa.String, sa.ForeignKey("episodes.id"), nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("field", sa.String, nullable=False),
        *map(_words, ("source", "text", "status", "engine", "who", "at")),
        sa.UniqueConstraint("episode_id", "language", "field"),
    )
    op.execute("UPDATE zimu_meta SET value = '3' WHERE key = 'schema'")


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=sa.text("''"))


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default=sa.text("0"))
