"""Leases instead of locks of a session, and logins that only a refusal ends."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """A secret that was out when its process ended is not spent any more: it is tried once more."""
    op.create_table(
        "leases",
        sa.Column("of", sa.SmallInteger(), primary_key=True),
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("owner", sa.String(16), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
    )
    op.create_index("ix_leases_owner", "leases", ["owner"])
    op.add_column("credentials", sa.Column("generation", sa.Integer(), nullable=False, server_default="0"))
    dead = sa.table("credentials", sa.column("id"), sa.column("dead", sa.Boolean()), sa.column("sent"))
    accounts = sa.table("accounts", sa.column("credential_id"), sa.column("state"), sa.column("next_due"))
    alive = sa.select(dead.c.id).where(dead.c.dead.is_(False), dead.c.sent.is_not(None))
    waiting = (accounts.c.state == "login-needed") & accounts.c.credential_id.in_(alive)
    op.execute(sa.update(accounts).where(waiting).values(state="new", next_due=0))
    op.drop_column("credentials", "sent")
