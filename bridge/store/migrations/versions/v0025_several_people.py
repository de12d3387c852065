"""Whether a login has several people."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Add the column. Of the accounts of before it is not known."""
    op.add_column("accounts", sa.Column("several", sa.Boolean(), nullable=True))
