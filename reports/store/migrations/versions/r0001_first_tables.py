"""The first schema: docs/store.md."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "blob",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_blob"),
    )
    op.create_table(
        "message",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("date", sa.Text()),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text()),
        sa.PrimaryKeyConstraint("key", name="pk_message"),
    )
    op.create_table(
        "result",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_result"),
    )
    op.create_table(
        "run",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("code", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reads", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_run"),
    )
    op.create_table(
        "series",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_series"),
    )
    op.create_table(
        "comment",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("series", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("date", sa.Text()),
        sa.Column("parent", sa.Text()),
        sa.Column("patch", sa.Text()),
        sa.Column("path", sa.Text()),
        sa.Column("side", sa.Text()),
        sa.Column("line", sa.BigInteger(), autoincrement=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("requests", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["series"], ["series.key"], name="fk_comment_series", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name="pk_comment"),
    )
    op.create_index("ix_comment_series", "comment", ["series"])
    op.create_table(
        "message_copy",
        sa.Column("message", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("page", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message"], ["message.key"], name="fk_message_copy_message", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["raw"], ["blob.key"], name="fk_message_copy_raw", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("message", "raw", name="pk_message_copy"),
    )
    op.create_index("ix_message_copy_message", "message_copy", ["message"])
    op.create_index("ix_message_copy_raw", "message_copy", ["raw"])
    op.create_table(
        "review",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("series", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.String(length=64)),
        sa.Column("number", sa.BigInteger(), autoincrement=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("tree", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("document", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["document"], ["blob.key"], name="fk_review_document", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["series"], ["series.key"], name="fk_review_series", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name="pk_review"),
    )
    op.create_index("ix_review_document", "review", ["document"])
    op.create_index("ix_review_revision", "review", ["revision"])
    op.create_index("ix_review_series", "review", ["series"])
    op.create_table(
        "revision",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("series", sa.String(length=64), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("date", sa.Text()),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("expected", sa.BigInteger(), autoincrement=False),
        sa.ForeignKeyConstraint(["series"], ["series.key"], name="fk_revision_series", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name="pk_revision"),
    )
    op.create_index("ix_revision_series", "revision", ["series"])
    op.create_table(
        "run_file",
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["content"], ["blob.key"], name="fk_run_file_content", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run"], ["run.key"], name="fk_run_file_run", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run", "entry", "name", name="pk_run_file"),
    )
    op.create_index("ix_run_file_content", "run_file", ["content"])
    op.create_index("ix_run_file_run", "run_file", ["run"])
    op.create_table(
        "series_message",
        sa.Column("series", sa.String(length=64), nullable=False),
        sa.Column("message", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["message"], ["message.key"], name="fk_series_message_message", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["series"], ["series.key"], name="fk_series_message_series", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("series", "message", name="pk_series_message"),
    )
    op.create_index("ix_series_message_message", "series_message", ["message"])
    op.create_index("ix_series_message_series", "series_message", ["series"])
    op.create_table(
        "comment_state",
        sa.Column("review", sa.String(length=64), nullable=False),
        sa.Column("comment", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment"], ["comment.key"], name="fk_comment_state_comment", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["review"], ["review.key"], name="fk_comment_state_review", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("review", "comment", name="pk_comment_state"),
    )
    op.create_index("ix_comment_state_comment", "comment_state", ["comment"])
    op.create_index("ix_comment_state_review", "comment_state", ["review"])
    op.create_table(
        "file",
        sa.Column("review", sa.String(length=64), nullable=False),
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("verified", sa.Boolean()),
        sa.Column("failure", sa.Text()),
        sa.ForeignKeyConstraint(["review"], ["review.key"], name="fk_file_review", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("review", "entry", name="pk_file"),
    )
    op.create_index("ix_file_review", "file", ["review"])
    op.create_table(
        "finding",
        sa.Column("review", sa.String(length=64), nullable=False),
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("check", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("function", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["review"], ["review.key"], name="fk_finding_review", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("review", "entry", name="pk_finding"),
    )
    op.create_index("ix_finding_review", "finding", ["review"])
    op.create_table(
        "function",
        sa.Column("review", sa.String(length=64), nullable=False),
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("delta", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["review"], ["review.key"], name="fk_function_review", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("review", "entry", name="pk_function"),
    )
    op.create_index("ix_function_review", "function", ["review"])
    op.create_table(
        "patch",
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("replaces", sa.Text()),
        sa.ForeignKeyConstraint(["revision"], ["revision.key"], name="fk_patch_revision", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("revision", "position", name="pk_patch"),
    )
    op.create_index("ix_patch_message", "patch", ["message"])
    op.create_index("ix_patch_revision", "patch", ["revision"])
    op.create_table(
        "run_part",
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("review", sa.String(length=64), nullable=False),
        sa.Column("text", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["review"], ["review.key"], name="fk_run_part_review", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run"], ["run.key"], name="fk_run_part_run", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["text"], ["blob.key"], name="fk_run_part_text", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run", "entry", name="pk_run_part"),
    )
    op.create_index("ix_run_part_review", "run_part", ["review"])
    op.create_index("ix_run_part_run", "run_part", ["run"])
    op.create_index("ix_run_part_text", "run_part", ["text"])
