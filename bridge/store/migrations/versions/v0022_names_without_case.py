"""Names of users without their case, so that no two differ in it alone."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Users of before get theirs; of two that differ in case alone, which SQLite allowed, the older one."""
    op.add_column("users", sa.Column("folded", sa.Text(), nullable=True))
    users = sa.table("users", sa.column("id"), sa.column("name"), sa.column("folded"))
    connection, seen = op.get_bind(), set()
    for number, name in connection.execute(sa.select(users.c.id, users.c.name).order_by(users.c.id)).all():
        if name.casefold() not in seen:
            seen.add(name.casefold())
            connection.execute(sa.update(users).where(users.c.id == number).values(folded=name.casefold()))
    op.create_index("ix_users_folded", "users", ["folded"], unique=True)
