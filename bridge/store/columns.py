"""Types of columns: moments, as whole seconds since 1970 in UTC, and UIDs."""

import re
from datetime import UTC, datetime

from sqlalchemy import BigInteger, Dialect, LargeBinary, TypeDecorator

_UUID_BYTES = 16
_UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


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


class Uid(TypeDecorator[str]):
    """A UID as bytes: the 16 of a UUID, or another text in UTF-8 after one or two zeros, so that they are not 16."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 - SQLAlchemy passes it
        """To the database."""
        return None if value is None else uid_to_bytes(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy passes it
        """From the database."""
        return None if value is None else uid_from_bytes(value)


def uid_to_bytes(uid: str) -> bytes:
    """See `Uid`."""
    if _UUID.fullmatch(uid):
        return bytes.fromhex(uid.replace("-", ""))
    text = b"\0" + uid.encode()
    return b"\0" + text if len(text) == _UUID_BYTES else text


def uid_from_bytes(raw: bytes) -> str:
    """See `Uid`."""
    if len(raw) != _UUID_BYTES:
        return raw.lstrip(b"\0").decode()
    digits = raw.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
