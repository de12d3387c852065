"""The tables. Moments are whole seconds since 1970 in UTC."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware datetime as whole seconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy passes it
        """To the database."""
        return None if value is None else int(value.timestamp())

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy passes it
        """From the database."""
        return None if value is None else datetime.fromtimestamp(value, UTC)


# `sqlite_autoincrement`: work in progress for a removed row must not find another row with its id.
def _id() -> Column[int]:
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)


meta = Table(
    "meta",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

users = Table(
    "users",
    metadata,
    _id(),
    Column("name", String(128), nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("created", Moment, nullable=False),
    sqlite_autoincrement=True,
)

# A login at an upstream. Apart from accounts, so that a spent token is known for all of them.
credentials = Table(
    "credentials",
    metadata,
    _id(),
    Column("source", String(64), nullable=False),
    Column("fingerprint", String(64), nullable=True),
    Column("secret", Text, nullable=True),
    Column("access", Text, nullable=True),
    Column("sent", Moment, nullable=True),
    Column("dead", Boolean, nullable=False),
    Column("created", Moment, nullable=False),
    UniqueConstraint("source", "fingerprint"),
    sqlite_autoincrement=True,
)

accounts = Table(
    "accounts",
    metadata,
    _id(),
    Column("user_id", ForeignKey(users.c.id, ondelete="CASCADE"), nullable=True),
    Column("source", String(64), nullable=False),
    Column("identity", Text, nullable=False),
    Column("person", Text, nullable=True),
    Column("options", Text, nullable=False),
    Column("credential_id", ForeignKey(credentials.c.id), nullable=True, index=True),
    Column("state", String(16), nullable=False),
    Column("failures", Integer, nullable=False),
    Column("last_ok", Moment, nullable=True),
    Column("last_error", Text, nullable=True),
    Column("next_due", Moment, nullable=False, index=True),
    Column("created", Moment, nullable=False),
    UniqueConstraint("user_id", "source"),
    Index(
        "uq_accounts_shared_source",
        "source",
        unique=True,
        sqlite_where=text("user_id IS NULL"),
        postgresql_where=text("user_id IS NULL"),
    ),
    sqlite_autoincrement=True,
)

parts = Table(
    "parts",
    metadata,
    Column("account_id", ForeignKey(accounts.c.id, ondelete="CASCADE"), primary_key=True),
    Column("part", String(32), primary_key=True),
    Column("answers", Text, nullable=False),
    Column("horizon", String(32), nullable=True),
    Column("events", Integer, nullable=False),
    Column("held", Text, nullable=True),
    Column("held_since", Moment, nullable=True),
)

names = Table(
    "names",
    metadata,
    Column("account_id", ForeignKey(accounts.c.id, ondelete="CASCADE"), primary_key=True),
    Column("content", Text, nullable=False),
)

# The groups of colleagues or pupils of an account's person.
groups = Table(
    "groups",
    metadata,
    Column("account_id", ForeignKey(accounts.c.id, ondelete="CASCADE"), primary_key=True),
    Column("name", String(255), primary_key=True),
)

events = Table(
    "events",
    metadata,
    _id(),
    Column("account_id", ForeignKey(accounts.c.id, ondelete="CASCADE"), nullable=False),
    Column("part", String(32), nullable=False),
    Column("uid", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("content", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("created", Moment, nullable=False),
    Column("modified", Moment, nullable=False),
    Column("vanished", Moment, nullable=True),
    Column("before", Text, nullable=True),
    Column("changed", Moment, nullable=True),
    Column("expires", Moment, nullable=True, index=True),  # when time alone changes it
    UniqueConstraint("account_id", "uid"),
)

feeds = Table(
    "feeds",
    metadata,
    _id(),
    Column("user_id", ForeignKey(users.c.id, ondelete="CASCADE"), nullable=False),
    Column("name", String(128), nullable=False),
    Column("title", Text, nullable=False),
    Column("kinds", Text, nullable=False),
    Column("sources", Text, nullable=True),
    Column("options", Text, nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("token", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Column("last_read", Moment, nullable=True),
    # `wanted` rises when what the feed shows may have changed; `rendered` is the one that its bytes have.
    Column("wanted", Integer, nullable=False),
    Column("rendered", Integer, nullable=False),
    Column("changes", Text, nullable=True),  # UIDs of the events that changed in between, a line each; none: any
    Column("etag", String(80), nullable=True),
    Column("modified", Moment, nullable=True),
    Column("members", Text, nullable=True),  # whose absences it shows; none: it is its user's own
    Column("revised", Moment, nullable=True),  # when what was chosen for it changed last
    Column("expires", Moment, nullable=True, index=True),  # when time alone changes its bytes
    Column("size", Integer, nullable=True),
    Column("compress", Boolean, nullable=True),  # whether its bytes go out compressed where that is accepted
    UniqueConstraint("user_id", "name"),
    Index(
        "ix_feeds_to_render",
        "id",
        sqlite_where=text("wanted > rendered"),
        postgresql_where=text("wanted > rendered"),
    ),
    sqlite_autoincrement=True,
)

# Apart from feeds, so that a look at a feed does not move its bytes.
feed_bytes = Table(
    "feed_bytes",
    metadata,
    Column("feed_id", ForeignKey(feeds.c.id, ondelete="CASCADE"), primary_key=True),
    Column("gzip", LargeBinary, nullable=False),
)

revoked_tokens = Table(
    "revoked_tokens",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("revoked", Moment, nullable=False),
)
