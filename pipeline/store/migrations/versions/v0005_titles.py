"""Titles and descriptions have revisions and a history, as units do."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=sa.text("''"))


def upgrade() -> None:
    """Make the table; what is there is the first revision of each."""
    op.add_column("video_texts", sa.Column("revision", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.create_table(
        "video_text_revisions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("text_id", sa.Integer, sa.ForeignKey("video_texts.id"), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        *map(_words, ("source", "text", "status", "engine", "who", "at", "kind")),
        sa.UniqueConstraint("text_id", "revision"),
    )
    op.execute("UPDATE video_texts SET revision = 1")
    op.execute(
        "INSERT INTO video_text_revisions (text_id, revision, source, text, status, engine, who, at, kind) "
        "SELECT id, 1, source, text, status, engine, who, at, CASE status WHEN 'machine' THEN 'machine' "
        "WHEN 'approved' THEN 'approve' ELSE 'edit' END FROM video_texts"
    )
    op.execute("UPDATE zimu_meta SET value = '5' WHERE key = 'schema'")
