"""Check-in: the daily and weekly check-ins of students of HBO-ICT at Hanze."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.model.clock import Clock
from bridge.model.event import Part
from bridge.sources.checkin.settings import CheckinSettings
from bridge.upstream.source_type import SourceType

if TYPE_CHECKING:
    from bridge.upstream.contract import Source
    from bridge.upstream.standin import StandIn
    from bridge.upstream.surroundings import Surroundings


def _create(settings: CheckinSettings, surroundings: Surroundings) -> Source:
    from bridge.sources.checkin.client import CheckinClient
    from bridge.sources.checkin.source import Checkin

    client = CheckinClient(surroundings.http(settings), settings.api_url)
    return Checkin(settings, client, surroundings.clock)


def _stand_in(clock: Clock) -> StandIn:
    from bridge.sources.checkin.standin.server import stand_in

    return stand_in(clock)


SOURCE = SourceType(
    name="checkin",
    title="Check-in",
    summary="Daily and weekly check-ins of students at HBO-ICT of Hanze, done and due.",
    settings=CheckinSettings,
    create=_create,
    parts=(Part.CHECKINS,),
    further={Part.CHECKINS: ("POST /api/v3/users/search, GET /api/v3/users/{id}",)},
    stand_in=_stand_in,
    identity_help="e-mail address",
    secret_help="password, which is exchanged for a token and not kept",  # noqa: S106 - says what the secret is
)
