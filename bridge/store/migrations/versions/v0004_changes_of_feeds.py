"""Feeds have the events that changed since they were rendered."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column. What existing calendars lack is unknown."""
    op.add_column("feeds", sa.Column("changes", sa.Text(), nullable=True))
