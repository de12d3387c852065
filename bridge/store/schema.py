"""The tables.

The migrations make them. They say also which rows the indexes cover that are not of all: to say so here too would load
the dialects of both sorts of databases into every process, 4 MB.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from bridge.store.columns import Moment, Uid

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)


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
    Column("folded", Text),  # the name without its case
    Index("ix_users_folded", "folded", unique=True),
    sqlite_autoincrement=True,
)

USER = (users.c.id, users.c.name, users.c.title, users.c.created)
"""The columns of a user as others see it."""

# The address of a person's own page.
manage_links = Table(
    "manage_links",
    metadata,
    Column("user_id", ForeignKey(users.c.id, ondelete="CASCADE"), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("token", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Column("until", Moment, nullable=True),  # of an invitation, when it ends unless it is taken up
)

# Who at a sign-in provider is which user.
identities = Table(
    "identities",
    metadata,
    Column("issuer", String(255), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("user_id", ForeignKey(users.c.id, ondelete="CASCADE"), nullable=False),
    Column("connected", Text, nullable=False),  # the sources that were once connected at a sign-in
    Column("created", Moment, nullable=False),
    UniqueConstraint("user_id", "issuer"),
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
    Column("dead", Boolean, nullable=False),
    Column("generation", Integer, nullable=False, server_default="0"),  # rises with each new secret
    Column("created", Moment, nullable=False),
    UniqueConstraint("source", "fingerprint"),
    sqlite_autoincrement=True,
)

# Who works on a login or an account just now; see locks.py.
leases = Table(
    "leases",
    metadata,
    Column("of", SmallInteger, primary_key=True),
    Column("id", BigInteger, primary_key=True),
    Column("owner", String(16), nullable=False, index=True),
    Column("epoch", BigInteger, nullable=False),
    Column("until", Double, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    _id(),
    Column("user_id", ForeignKey(users.c.id, ondelete="CASCADE"), nullable=True),
    Column("source", String(64), nullable=False),
    Column("name", String(64), nullable=False, default=""),  # of one of several at the source; empty: the usual one
    Column("type", String(64), nullable=True),  # of the source, when the account was added; NULL: without accounts
    Column("identity", Text, nullable=False),
    Column("person", Text, nullable=True),
    Column("first_name", Text, nullable=True),
    Column("several", Boolean, nullable=True),  # whether its login has other people too; NULL: not known
    Column("options", Text, nullable=False),
    Column("credential_id", ForeignKey(credentials.c.id), nullable=True, index=True),
    Column("state", String(16), nullable=False),
    Column("failures", Integer, nullable=False),
    Column("last_ok", Moment, nullable=True),
    Column("last_error", Text, nullable=True),
    Column("next_due", Moment, nullable=False),
    Column("wrote", Moment, nullable=True),  # when the upstream last answered a write; see outbox
    Column("created", Moment, nullable=False),
    UniqueConstraint("user_id", "source", "name"),
    Index("uq_accounts_shared_source", "source", unique=True),
    Index("ix_accounts_due", "next_due", "id"),
    Index("ix_accounts_new", "next_due", "id"),
    sqlite_autoincrement=True,
)

# The accounts whose source does not know their person any more.
leavers = Table(
    "leavers",
    metadata,
    Column("account_id", ForeignKey(accounts.c.id, ondelete="CASCADE"), primary_key=True),
    Column("since", Moment, nullable=False),
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
    Column("remembered", LargeBinary, nullable=True),  # the last good answers to further requests, compressed
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

# The table with the most rows. Moments are numbers here, since converting one costs as much as reading it.
events = Table(
    "events",
    metadata,
    Column("account_id", ForeignKey(accounts.c.id, ondelete="CASCADE"), primary_key=True),
    Column("uid", Uid, primary_key=True),
    Column("part", String(32), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("identity", Text, nullable=False),
    Column("starts", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
    Column("zone", Text, nullable=True),  # NULL: the event takes whole days
    Column("sequence", Integer, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("modified", BigInteger, nullable=False),
    Column("vanished", BigInteger, nullable=True),
    Column("changed", BigInteger, nullable=True),
    Column("expires", BigInteger, nullable=True),  # when time alone changes it
    Column("before", Text, nullable=True),
    Column("content", Text, nullable=False),
    Index("ix_events_expires", "expires"),
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
    Column("reader", String(32), nullable=True),  # the family of the program that last read it
    # `wanted` rises when what the feed shows may have changed; `rendered` is the value for the stored calendar.
    Column("wanted", Integer, nullable=False),
    Column("rendered", Integer, nullable=False),
    Column("changes", Text, nullable=True),  # UIDs of events that changed in between, a line each; NULL: any
    Column("etag", String(80), nullable=True),
    Column("modified", Moment, nullable=True),
    Column("members", Text, nullable=True),  # whose absences it shows; NULL: the user's own events
    Column("revised", Moment, nullable=True),  # when its options were last changed
    Column("expires", Moment, nullable=True, index=True),  # when time alone changes its calendar
    Column("size", Integer, nullable=True),
    Column("compress", Boolean, nullable=True),  # whether clients that accept gzip get it compressed
    UniqueConstraint("user_id", "name"),
    Index("ix_feeds_to_render", "id"),
    sqlite_autoincrement=True,
)

# The members of teams that are not a group.
feed_members = Table(
    "feed_members",
    metadata,
    Column("feed_id", ForeignKey(feeds.c.id, ondelete="CASCADE"), primary_key=True),
    Column("user_id", ForeignKey(users.c.id, ondelete="CASCADE"), primary_key=True, index=True),
)

# Apart from feeds, so that reading a feed does not read its calendar.
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

# Who did what to whom. Users are numbers here, which a later user never gets again.
audit = Table(
    "audit",
    metadata,
    _id(),
    Column("at", Moment, nullable=False, index=True),
    Column("via", String(16), nullable=False),
    Column("actor", BigInteger, nullable=True),
    Column("action", String(64), nullable=False),
    Column("number", BigInteger, nullable=True, index=True),
    Column("thing", Text, nullable=True),
    sqlite_autoincrement=True,
)

# Who is signed in. A session without a user is that of an operator who has no calendar.
sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", ForeignKey(users.c.id, ondelete="CASCADE"), nullable=True, index=True),
    Column("operator", Boolean, nullable=False),
    Column("opened_with", String(64), nullable=True),  # the hash of the admin token that opened it
    Column("created", Moment, nullable=False),
    Column("seen", Moment, nullable=False, index=True),
)

# What became of refreshes in each quarter of an hour, and how many requests they took.
activity = Table(
    "activity",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("starts", Moment, primary_key=True),
    Column("good", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    Column("requests", Integer, nullable=False),
)

# The answers to requests that came with a key of the client; no answer: it is being worked on.
requests = Table(
    "requests",
    metadata,
    Column("key_hash", String(64), primary_key=True),
    Column("content_hash", String(64), nullable=False),
    Column("begun", Moment, nullable=False, index=True),
    Column("status", Integer, nullable=True),
    Column("answer", Text, nullable=True),
)

# How fast a source may be asked, by all hosts together, and what a refresh of it takes; see budgets.py.
budgets = Table(
    "budgets",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("next", Double, nullable=False),
    Column("quiet_until", Double, nullable=False),
    Column("requests", Double, nullable=False),  # of these refreshes; both fade, so that what is recent counts
    Column("refreshes", Double, nullable=False),
)

# The sources that were added without the settings file.
sources = Table(
    "sources",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("type", String(64), nullable=False),
    Column("settings", Text, nullable=False),
    Column("secrets", Text, nullable=True),
    Column("changed", Moment, nullable=False),
)

# What people want to have written back, until some time after it was answered; see outbox.py.
outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("account_id", ForeignKey(accounts.c.id, ondelete="CASCADE"), nullable=False),
    Column("key", String(64), nullable=False),
    Column("deed", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("code", String(16), nullable=True),
    Column("error", Text, nullable=True),
    Column("about", Text, nullable=False),
    Column("content", Text, nullable=True),  # NULL once it is answered
    Column("instead", Text, nullable=True),  # the event that it replaced; NULL without one, and once it is answered
    Column("repeatable", Boolean, nullable=False),
    Column("part", String(32), nullable=True),
    Column("identity", Text, nullable=False),
    Column("shows", Boolean, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try", Moment, nullable=True),  # NULL once it is answered
    Column("created", Moment, nullable=False),
    Column("changed", Moment, nullable=False, index=True),
    UniqueConstraint("account_id", "key"),
    Index("ix_outbox_to_send", "account_id"),
    sqlite_autoincrement=True,
)

# Answers of upstreams that all hosts share for a while; see answers.py.
shared_answers = Table(
    "shared_answers",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("status", Integer, nullable=False),
    Column("answer", Text, nullable=False),
    Column("came", Double, nullable=False),
    Column("until", Double, nullable=False),
)
