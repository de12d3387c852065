"""Which family of calendar programs last looked at a feed."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the column. It is known from the next look on."""
    op.add_column("feeds", sa.Column("reader", sa.String(32), nullable=True))
