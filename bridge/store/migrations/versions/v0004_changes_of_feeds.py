"""Feeds know which events changed since they were rendered."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make room; what the calendars of before lack is not known."""
    op.add_column("feeds", sa.Column("changes", sa.Text(), nullable=True))
