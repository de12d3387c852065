"""Indexes in the order in which due accounts are claimed."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Create them. A claim then reads only the accounts that it takes, however many are due."""
    new = sa.text("state = 'new'")
    op.create_index("ix_accounts_due", "accounts", ["next_due", "id"])
    op.create_index("ix_accounts_new", "accounts", ["next_due", "id"], postgresql_where=new, sqlite_where=new)
    op.drop_index("ix_accounts_next_due", "accounts")
