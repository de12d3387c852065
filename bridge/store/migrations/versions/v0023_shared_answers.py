"""Answers that all hosts share."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "shared_answers",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("came", sa.Double(), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
    )
