"""Budgets of sources, shared by all hosts."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "budgets",
        sa.Column("source", sa.String(64), primary_key=True),
        sa.Column("next", sa.Double(), nullable=False),
        sa.Column("quiet_until", sa.Double(), nullable=False),
        sa.Column("requests", sa.Double(), nullable=False),
        sa.Column("refreshes", sa.Double(), nullable=False),
    )
