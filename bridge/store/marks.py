"""Marks of a whole storage, by name: which key it has, when it was written, what was changed last."""

import secrets

from sqlalchemy import Connection, bindparam, select, text

from bridge.store.schema import meta

_BYTES = 8
_READ = select(meta.c.value).where(meta.c.name == bindparam("mark"))  # made once: one is read each second
_PUT = text(
    "INSERT INTO meta (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


def read_mark(connection: Connection, name: str) -> str | None:
    """Within a transaction: the value of a mark; `None` if there is none of that name."""
    value: str | None = connection.scalar(_READ, {"mark": name})
    return value


def put_mark(connection: Connection, name: str, value: str) -> None:
    """Within a transaction: give a mark a value, whether or not it had one."""
    connection.execute(_PUT, {"name": name, "value": value})


def stamp(connection: Connection, name: str) -> None:
    """Within a transaction: give a mark a value that it never had, so that other processes notice."""
    put_mark(connection, name, secrets.token_hex(_BYTES))
