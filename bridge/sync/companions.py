"""Whether all hosts on a storage have the same settings: one that differs is a mistake of whoever runs them."""

import hashlib
import json
import secrets
import socket
from collections.abc import Mapping

import structlog
from pydantic import BaseModel, SecretStr

from bridge.settings.schema import Settings
from bridge.store.hosts import HostNote, HostStore

_OWN = (
    "logging",
    "storage",
    "refresh.concurrency",
    "security.secret_key",
    "server.cache_mib",
    "server.host",
    "server.port",
    "server.trusted_proxies",
)
"""Sections and keys in which hosts may well differ. Whether keys fit is checked when the storage is opened."""
_DIGITS = 16
log = structlog.get_logger()


class Companions:
    """The other hosts on the storage."""

    def __init__(self, store: HostStore, settings: Settings, *, machine: str | None = None) -> None:
        """Create the company of a host with `settings`: those of its file and variables. `machine` is its name."""
        self._store = store
        self._mine = HostNote(secrets.token_hex(8), machine or socket.gethostname(), marks_of(settings))
        self._warned: set[tuple[str, str]] = set()

    async def compare(self) -> None:
        """Log each setting that another host has with another value, once. Raises StorageError."""
        found: set[tuple[str, str]] = set()
        for other in await self._store.tell(self._mine):
            found |= {(other.machine, key) for key in differing(self._mine.marks, other.marks)}
        for machine, key in sorted(found - self._warned):
            sentence = f"The setting {key} differs between this host and another one on this storage, {machine}."
            log.warning("hosts.differ", key=key, host=machine, sentence=sentence)
        self._warned = found


def marks_of(settings: Settings) -> dict[str, str]:
    """A mark of the value of each setting that all hosts should have in common, by its full key."""
    sections = {name: getattr(settings, name) for name in type(settings).model_fields if name != "sources"}
    sections |= {f"sources.{name}": chosen for name, chosen in settings.sources.items()}
    found = {}
    for name, section in sections.items():
        if not isinstance(section, BaseModel):
            continue
        found[name] = ""
        values = section.model_dump(mode="json")
        for field in type(section).model_fields:
            value = getattr(section, field)
            told = (
                value.get_secret_value() if isinstance(value, SecretStr) else json.dumps(values[field], sort_keys=True)
            )
            found[f"{name}.{field}"] = hashlib.sha256(told.encode()).hexdigest()[:_DIGITS]
    return {key: mark for key, mark in found.items() if not key.startswith(_OWN)}


def differing(mine: Mapping[str, str], theirs: Mapping[str, str]) -> set[str]:
    """The keys whose values differ. Of a source that one does not have, its name alone."""
    keys = {key for key in mine.keys() | theirs.keys() if mine.get(key) != theirs.get(key)}
    return {key for key in keys if key.rpartition(".")[0] not in keys}
