"""Addresses of pages that end unless they are opened, and accounts whose source does not know their person any more."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the column and the table. Nobody is known to have left before."""
    op.add_column("manage_links", sa.Column("until", sa.BigInteger, nullable=True))
    op.create_table(
        "leavers",
        sa.Column("account_id", _NUMBER, sa.ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("since", sa.BigInteger, nullable=False),
    )
