"""The type of a source is kept with its accounts, so that no login goes to another system."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Accounts of before take the type that their source has when the storage is opened next."""
    op.add_column("accounts", sa.Column("type", sa.String(64), nullable=True))
