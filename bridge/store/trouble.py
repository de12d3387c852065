"""What is wrong with a storage that cannot be used, in a sentence for its operator."""

import errno
import os
import sqlite3
from collections.abc import Mapping

from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection

from bridge.errors import StorageError

_FULL = "The disk of the storage at {place} is full; free some space."
_READ_ONLY = "The storage at {place} is read-only; let the service write to it."
_LOCKED = "The storage at {place} is locked by another program; try again when that has ended."
_DAMAGED = "The storage at {place} is damaged, or no database; put back a copy of it."
_FAULTY = "The disk of the storage at {place} cannot be read or written."
_SILENT = "The storage at {place} does not answer."
_REFUSED = "The storage at {place} refuses the user or the password; see storage.url."
_MISSING = "The server at {place} has no such database; see storage.url."
_CROWDED = "The storage at {place} has too many connections."
_CLOSED = "The storage at {place} cannot be opened; see storage.url."
_OF_SQLITE: Mapping[int, str] = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_IOERR: _FAULTY,
}
_OF_POSTGRES: Mapping[str, str] = {
    "53100": _FULL,
    "25006": _READ_ONLY,
    "55P03": _LOCKED,
    "57014": _LOCKED,
    "XX001": _DAMAGED,
    "XX002": _DAMAGED,
    "28000": _REFUSED,
    "28P01": _REFUSED,
    "3D000": _MISSING,
    "53300": _CROWDED,
}
_OF_SYSTEM: Mapping[int, str] = {errno.ENOSPC: _FULL, errno.EDQUOT: _FULL, errno.EROFS: _READ_ONLY}


def trouble_of(error: BaseException, place: str) -> StorageError | None:
    """What `error` says about the storage at `place`; `None` if a statement was wrong, not the storage."""
    if isinstance(error, StorageError):
        return error
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    sentence = _by_code(cause) or _by_type(error, cause)
    if sentence == _FAULTY and _no_room(place):  # SQLite needs room even to open a file
        sentence = _FULL
    return None if sentence is None else StorageError(sentence.format(place=place))


def _no_room(place: str) -> bool:
    try:
        return os.statvfs(place).f_bavail == 0
    except OSError:
        return False


def _by_code(cause: BaseException) -> str | None:
    state = getattr(cause, "sqlstate", None)  # asyncpg's errors, also as SQLAlchemy wraps them
    if isinstance(state, str) and state in _OF_POSTGRES:
        return _OF_POSTGRES[state]
    if isinstance(cause, OSError):
        return _OF_SYSTEM.get(cause.errno or 0)
    code = getattr(cause, "sqlite_errorcode", None)
    return _OF_SQLITE.get(code & 0xFF) if isinstance(code, int) else None


def _by_type(error: BaseException, cause: BaseException) -> str | None:
    if isinstance(error, NoConnection):
        return _SILENT
    if isinstance(error, OSError):
        return _SILENT if error.filename is None else _CLOSED
    if isinstance(cause, sqlite3.Error):
        return _CLOSED if isinstance(error, OperationalError | InterfaceError) else None
    unreachable = isinstance(error, OperationalError | InterfaceError) or type(error) in {DatabaseError, DBAPIError}
    return _SILENT if unreachable or not isinstance(error, SQLAlchemyError) else None
