"""Secret tokens in addresses and cookies: looked up by their hash."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert

from bridge.store.schema import revoked_tokens

_BYTES = 32


def new_token(prefix: str) -> str:
    """A token of 256 random bits. `prefix` says to people and to secret scanners what it is for."""
    return prefix + secrets.token_urlsafe(_BYTES)


def hash_token(token: str) -> str:
    """The hash by which a token is looked up. It has 256 random bits, so a plain SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def remember_revoked(connection: Connection, hashes: Sequence[str], now: datetime) -> None:
    """Within a transaction: remember that the tokens with these hashes were good once."""
    if hashes:
        connection.execute(
            insert(revoked_tokens), [{"token_hash": token_hash, "revoked": now} for token_hash in hashes]
        )
