"""Calendars are stored compressed only."""

import gzip

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
_LEVEL = 6

_feeds = sa.table("feeds", sa.column("id"), sa.column("compress", sa.Boolean()))
_bytes = sa.table("feed_bytes", sa.column("feed_id"), sa.column("plain"), sa.column("gzip"))


def upgrade() -> None:
    """Compress the calendars that are not. ETags and dates stay."""
    op.add_column("feeds", sa.Column("compress", sa.Boolean(), nullable=True))
    packed = sa.exists().where(_bytes.c.feed_id == _feeds.c.id, _bytes.c.gzip.is_not(None))
    there = sa.exists().where(_bytes.c.feed_id == _feeds.c.id)
    op.execute(sa.update(_feeds).where(there).values(compress=packed))
    connection = op.get_bind()
    loose = connection.execute(sa.select(_bytes.c.feed_id).where(_bytes.c.gzip.is_(None))).scalars().all()
    for feed in loose:  # one at a time, since all of them may not fit into memory
        of = _bytes.c.feed_id == feed
        plain = connection.execute(sa.select(_bytes.c.plain).where(of)).scalar_one()
        op.execute(sa.update(_bytes).where(of).values(gzip=gzip.compress(plain, _LEVEL, mtime=0)))
    with op.batch_alter_table("feed_bytes") as table:
        table.drop_column("plain")
        table.alter_column("gzip", existing_type=sa.LargeBinary(), nullable=False)
