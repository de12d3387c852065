"""Who at a sign-in provider is which user."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(255), primary_key=True),
        sa.Column("subject", sa.String(255), primary_key=True),
        sa.Column("user_id", _NUMBER, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("connected", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("user_id", "issuer"),
    )
