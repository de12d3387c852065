"""The declaration of a source type.

A source is a package with a `SOURCE` of type `SourceType`: a folder in `bridge/sources/`, or a package that an
installed distribution names in the entry-point group `roosterbridge.sources`, as in `mine = "my_package:SOURCE"`. Every
command imports the package, so `create` and `stand_in` import what they need themselves.
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


def _always(_settings: SourceSettings) -> bool:
    return True


@dataclass(frozen=True)
class SourceType(Generic[_SETTINGS]):
    """A type of source.

    Attributes:
        name: the `type` in the settings.
        title: what people call the system.
        summary: a sentence for the documentation.
        settings: the class of its settings.
        create: creates a source.
        parts: the parts that it delivers.
        stand_in: creates a stand-in, with about a year of events around the time of the clock.
        accounts: whether it has accounts. Without accounts it is refreshed for everybody, and all feeds include it.
        interval: how often it is read by default; `None` for that of `[refresh]`.
        identity_help, secret_help: what the identity and the secret of an account are.
        login_steps: the sentences of a browser login: what to open, and what to paste then.
        claimable: whether people may say on their own page who they are, without a secret or a login that proves it. If
            not, only the identity is theirs that is their user name, or that an operator connected.
        options: the class of the options of an account.
        further: the requests without which a part is still delivered, as the stand-in counts them, by part; a comma
            separates those of which the next is tried if one is not there.
    """

    name: str
    title: str
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
    login_steps: tuple[str, ...] = ()
    claimable: Callable[[_SETTINGS], bool] = _always
    options: type[AccountOptions] = AccountOptions


def interval_of(source: SourceSettings, kind: SourceType[Any], refresh: RefreshSettings) -> timedelta:
    """How often a source is read: from its own settings, its type, or `[refresh]`."""
    return source.interval or kind.interval or refresh.interval
