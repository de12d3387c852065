"""Parts remember the last good answers to further requests."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column; nothing is remembered yet."""
    op.add_column("parts", sa.Column("remembered", sa.LargeBinary(), nullable=True))
