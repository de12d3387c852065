"""Several answers a part, names, marks of changes, and calendars that change with time alone."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns. What is known of parts is forgotten: the next answers are read again and change nothing."""
    op.drop_table("parts")
    op.create_table(
        "parts",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("part", sa.String(length=32), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("horizon", sa.String(length=32), nullable=True),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("held", sa.Text(), nullable=True),
        sa.Column("held_since", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_parts_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "part", name=op.f("pk_parts")),
    )
    op.create_table(
        "names",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_names_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_names")),
    )
    op.create_table(
        "groups",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_groups_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "name", name=op.f("pk_groups")),
    )
    op.add_column("events", sa.Column("before", sa.Text(), nullable=True))
    op.add_column("events", sa.Column("changed", sa.BigInteger(), nullable=True))
    op.add_column("events", sa.Column("expires", sa.BigInteger(), nullable=True))
    op.create_index("ix_events_expires", "events", ["expires"])
    op.add_column("feeds", sa.Column("members", sa.Text(), nullable=True))
    op.add_column("feeds", sa.Column("revised", sa.BigInteger(), nullable=True))
    op.add_column("feeds", sa.Column("expires", sa.BigInteger(), nullable=True))
    op.add_column("feeds", sa.Column("size", sa.Integer(), nullable=True))
    op.create_index("ix_feeds_expires", "feeds", ["expires"])
    op.execute(
        "UPDATE events SET expires = vanished + 1209600 WHERE vanished IS NOT NULL"  # 14 days, as they are shown
    )
