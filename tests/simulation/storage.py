"""The one storage of all hosts: an SQLite file whose clock is the simulated time."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import Pool

from bridge.store.cipher import Cipher

_JULIAN_1970 = 2440587.5
_DAY = 86400.0
Clock = Callable[[], float]


@dataclass(slots=True)
class Connection:
    """A host's connection to the storage: usual, away, or such that what is written is not confirmed.

    `moment` is called before and after each work, `written` after one that has changed something.
    """

    random: Random
    moment: Callable[[], None]
    written: Callable[[], None]
    away: bool = False
    unconfirmed: bool = False

    def delay(self) -> float:
        """See `tests.simulation.loop.Storage`."""
        return self.random.uniform(0.001, 0.02)

    def run(self, work: Callable[..., Any], *args: Any) -> Any:
        """See `tests.simulation.loop.Storage`."""
        self.moment()
        if self.away:
            raise _gone()
        result = work(*args)
        self.written()
        self.moment()
        if self.unconfirmed:
            raise _gone()
        return result


def _gone() -> OperationalError:
    return OperationalError("", None, sqlite3.OperationalError("the server closed the connection"))


@contextmanager
def clock_of_storages(seconds: Clock) -> Iterator[None]:
    """Give all connections that are made meanwhile this clock, in seconds since 1970."""

    def set_clock(connection: sqlite3.Connection, _record: object) -> None:
        connection.create_function("julianday", 1, lambda _now: seconds() / _DAY + _JULIAN_1970)

    event.listen(Pool, "connect", set_clock)
    try:
        yield
    finally:
        event.remove(Pool, "connect", set_clock)


class Inside:
    """What stands in the storage just now, read past all hosts."""

    def __init__(self, file: Path, cipher: Cipher, seconds: Clock) -> None:
        self._connection = sqlite3.connect(file)
        self._cipher = cipher
        self.seconds = seconds
        self._version = 0

    def close(self) -> None:
        """Read no more."""
        self._connection.close()

    def _rows(self, query: str, *values: object) -> list[Any]:
        with closing(self._connection.execute(query, values)) as found:
            return found.fetchall()

    def changed(self) -> bool:
        """Whether anything was written since this was asked last."""
        ((version,),) = self._rows("PRAGMA data_version")
        before, self._version = self._version, version
        return bool(before != version)

    def refreshed(self) -> dict[int, int | None]:
        """When each account was last refreshed."""
        return dict(self._rows("SELECT id, last_ok FROM accounts"))

    def starts(self, account: int) -> list[int]:
        """When the lessons of an account begin that are not cancelled."""
        kept = "SELECT starts FROM events WHERE account_id = ? AND part = 'schedule' AND vanished IS NULL"
        return sorted(start for (start,) in self._rows(kept, account))

    def works(self) -> bool:
        """Whether somebody works on an account or a login."""
        return bool(self._rows("SELECT 1 FROM leases WHERE until > ? LIMIT 1", self.seconds()))

    def next_due(self) -> float | None:
        """When the next account is due, in seconds since 1970; `None` if somebody works on one just now."""
        if self.works():
            return None
        ((due,),) = self._rows("SELECT min(next_due) FROM accounts WHERE state != 'login-needed'")
        return None if due is None else float(due)

    def secrets(self) -> set[str]:
        """The refresh tokens that are kept."""
        rows = self._rows("SELECT secret FROM credentials WHERE secret IS NOT NULL")
        return {self._cipher.decrypt(sealed) for (sealed,) in rows}

    def dead(self) -> set[str]:
        """Those of them whose logins are called dead."""
        rows = self._rows("SELECT secret FROM credentials WHERE dead")
        return {self._cipher.decrypt(sealed) for (sealed,) in rows}

    def accounts(self) -> list[tuple[str, str, int, int | None, int]]:
        """Each account: identity, state, failures, when it was last refreshed, when it is due."""
        return self._rows("SELECT identity, state, failures, last_ok, next_due FROM accounts ORDER BY id")

    def events(self) -> dict[tuple[int, str], tuple[int, bool]]:
        """Each event by account and UID: its start, and whether it stands as cancelled by the school's silence."""
        rows = self._rows(
            "SELECT account_id, hex(uid), starts, vanished IS NOT NULL FROM events WHERE part = 'schedule'"
        )
        return {(account, uid): (start, bool(gone)) for account, uid, start, gone in rows}
