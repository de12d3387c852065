"""The events that writes replaced until they are answered."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Add the column. A write of before has none: what it replaced shows again at the next refresh."""
    op.add_column("outbox", sa.Column("instead", sa.Text(), nullable=True))
