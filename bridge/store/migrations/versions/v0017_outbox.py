"""What people want to have written back."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TO_SEND = sa.text("next_try IS NOT NULL")


def upgrade() -> None:
    """Add the table, and when something of an account was last written."""
    op.add_column("accounts", sa.Column("wrote", sa.BigInteger, nullable=True))
    op.create_table(
        "outbox",
        sa.Column("id", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("account_id", _NUMBER, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("deed", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("code", sa.String(16), nullable=True),
        sa.Column("error", sa.Text, nullable=True),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=True),
        sa.Column("repeatable", sa.Boolean, nullable=False),
        sa.Column("part", sa.String(32), nullable=True),
        sa.Column("identity", sa.Text, nullable=False),
        sa.Column("shows", sa.Boolean, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_try", sa.BigInteger, nullable=True),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("changed", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_outbox_account_id", ondelete="CASCADE"),
        sa.UniqueConstraint("account_id", "key", name="uq_outbox_account_id_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_changed", "outbox", ["changed"])
    op.create_index("ix_outbox_to_send", "outbox", ["account_id"], sqlite_where=_TO_SEND, postgresql_where=_TO_SEND)
