"""What a source says of itself before it is made.

A source is a package with a `SOURCE` of type `SourceType`: a folder under `bridge/sources/`, or one that an installed
distribution names in the entry-point group `roosterbridge.sources`, as in `mine = "my_package:SOURCE"`. The package is
imported by every command, so `create` and `stand_in` import what they need themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from bridge.model.clock import Clock
from bridge.model.event import Part
from bridge.settings.schema import RefreshSettings, SourceSettings
from bridge.upstream.account_options import AccountOptions

if TYPE_CHECKING:  # they import aiohttp
    from bridge.upstream.contract import Source
    from bridge.upstream.standin import StandIn
    from bridge.upstream.surroundings import Surroundings

_SETTINGS = TypeVar("_SETTINGS", bound=SourceSettings)


@dataclass(frozen=True)
class SourceType(Generic[_SETTINGS]):
    """One system that can be read. `name` is the `type` in the settings; `summary` a line for the docs.

    `accounts` is false where nobody has to be named: it then refreshes by itself and belongs to every feed.
    `stand_in` makes the server that plays this upstream in the demo and in tests, with a year around the clock's now.
    `further` are the requests of each part without which it comes all the same, as the stand-in counts them.
    """

    name: str
    summary: str
    settings: type[_SETTINGS]
    create: Callable[[_SETTINGS, Surroundings], Source]
    parts: tuple[Part, ...]
    stand_in: Callable[[Clock], StandIn]
    further: Mapping[Part, tuple[str, ...]] = field(default_factory=dict)
    accounts: bool = True
    interval: timedelta | None = None
    identity_help: str = ""
    secret_help: str = ""
    options: type[AccountOptions] = AccountOptions


def interval_of(source: SourceSettings, kind: SourceType[Any], refresh: RefreshSettings) -> timedelta:
    """How often a source is read: as it is set, as its type has it, or as all are."""
    return source.interval or kind.interval or refresh.interval
