"""What is locked between processes and hosts."""

from dataclasses import dataclass
from enum import IntEnum


class Locked(IntEnum):
    """The kinds of things that can be locked."""

    LOGIN = 1
    ACCOUNT = 2
    EXCHANGE = 3
    FEED = 4
    ANSWER = 5


@dataclass(frozen=True, slots=True)
class Lock:
    """The lock of a login, an account, an exchange or a feed, by the id of login, account or feed in the storage."""

    of: Locked
    id: int


def for_login(credential_id: int) -> Lock:
    """The lock of a login. A refresh of any account with that login holds it."""
    return Lock(Locked.LOGIN, credential_id)


def for_account(account_id: int) -> Lock:
    """The lock of an account without a login."""
    return Lock(Locked.ACCOUNT, account_id)


def for_exchange(credential_id: int) -> Lock:
    """The lock of a login's secret while it is sent and its answer is not kept yet."""
    return Lock(Locked.EXCHANGE, credential_id)


def for_feed(feed_id: int) -> Lock:
    """The lock of a feed while its calendar is made."""
    return Lock(Locked.FEED, feed_id)


def for_answer(number: int) -> Lock:
    """The lock of an answer that hosts share, by a number that its name gives, while one of them asks for it."""
    return Lock(Locked.ANSWER, number)
