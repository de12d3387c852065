"""The members of a team are people, not names: a row for each, which goes with the person."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_feeds = sa.table("feeds", *map(sa.column, ("id", "members", "wanted", "changes")))
_users = sa.table("users", *map(sa.column, ("id", "name")))


def upgrade() -> None:
    """Add the members of each team that are still there; a name that nobody has any more is left out."""
    members = op.create_table(
        "feed_members",
        sa.Column("feed_id", _NUMBER, sa.ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("user_id", _NUMBER, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    )
    op.create_index("ix_feed_members_user_id", "feed_members", ["user_id"])
    connection = op.get_bind()
    numbers = {row.name: row.id for row in connection.execute(sa.select(_users.c.name, _users.c.id))}
    teams = connection.execute(sa.select(_feeds.c.id, _feeds.c.members).where(_feeds.c.members.is_not(None))).all()
    for feed, text in teams:
        team = json.loads(text)
        found = sorted({numbers[name] for name in team.pop("users") if name in numbers})
        if found:
            connection.execute(members.insert(), [{"feed_id": feed, "user_id": number} for number in found])
        values = {"members": json.dumps(team), "wanted": _feeds.c.wanted + 1, "changes": None}
        connection.execute(sa.update(_feeds).where(_feeds.c.id == feed).values(values))
