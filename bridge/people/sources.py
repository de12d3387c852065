"""Find the sources by name, and check that they can be read."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bridge.errors import SourceError, UnknownName
from bridge.people.configuring import secret
from bridge.settings.schema import SourceSettings
from bridge.store.account import State
from bridge.store.storage import Store
from bridge.upstream.configured import ConfiguredSource


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check of a source."""

    source: str
    ok: bool
    message: str


@dataclass(frozen=True, slots=True)
class SourceValue:
    """A source, as an object: in the settings file or in the storage, with its settings, but without secrets."""

    name: str
    type: str
    title: str
    kept: Literal["file", "storage"]
    settings: Mapping[str, Any]


def source_value(name: str, settings: SourceSettings, *, stored: bool) -> SourceValue:
    """A source as an object. `stored` is whether it is kept in the storage, rather than in the settings file."""
    shown = {key for key, field in type(settings).model_fields.items() if not secret(field)} - {"type", "title"}
    values = settings.model_dump(mode="json", include=shown, exclude_unset=True)
    return SourceValue(name, settings.type, settings.title or name, "storage" if stored else "file", values)


def check_known(sources: Collection[str], name: str) -> None:
    """Check that `name` is one of these names of sources.

    Raises:
        UnknownName: it is not.
    """
    if not sources:
        raise UnknownName(f'No source is called "{name}": the settings have none yet. See README, "Connect a school".')
    if name not in sources:
        raise UnknownName(f'No source is called "{name}"; the settings have: {", ".join(sources)}.')


async def check_source(store: Store, at: ConfiguredSource) -> Finding:
    """Check that a source answers, and how its credentials and accounts stand."""
    try:
        message = f"settings valid, {await at.source.check()}"
    except SourceError as error:
        return Finding(at.name, ok=False, message=f"settings valid. {error.sentence}")
    if not at.type.accounts:
        return Finding(at.name, ok=True, message=message)
    counts = Counter(account.state for account in await store.accounts.all(source=at.name))
    accounts = ", ".join(f"{number} {state}" for state, number in sorted(counts.items())) or "none yet"
    return Finding(at.name, ok=not counts[State.LOGIN_NEEDED], message=f"{message}, accounts: {accounts}")
