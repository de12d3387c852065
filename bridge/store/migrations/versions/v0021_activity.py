"""What became of refreshes in each quarter of an hour."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "activity",
        sa.Column("source", sa.String(64), primary_key=True),
        sa.Column("starts", sa.BigInteger, primary_key=True),
        sa.Column("good", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("held", sa.Integer, nullable=False),
        sa.Column("requests", sa.Integer, nullable=False),
    )
