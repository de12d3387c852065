"""Edu-V: the register of a Dutch school, with the names of the school, its subjects and its locations."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.model.clock import Clock
from bridge.model.event import Part
from bridge.sources.eduv.settings import EduvSettings
from bridge.upstream.source_type import SourceType

if TYPE_CHECKING:
    from bridge.upstream.contract import Source
    from bridge.upstream.standin import StandIn
    from bridge.upstream.surroundings import Surroundings


def _create(settings: EduvSettings, surroundings: Surroundings) -> Source:
    from yarl import URL

    from bridge.sources.eduv.client import SCOPE, EduvClient
    from bridge.sources.eduv.source import Eduv
    from bridge.upstream.oauth import ClientCredentialsGrant

    http = surroundings.http(settings)
    grant = ClientCredentialsGrant(
        http,
        URL(settings.token_url),
        client_id=settings.client_id,
        client_secret=settings.client_secret.get_secret_value(),
        scope=SCOPE,
        clock=surroundings.clock,
    )
    return Eduv(settings.school, EduvClient(http, grant, settings.api_url))


def _stand_in(clock: Clock) -> StandIn:
    from bridge.sources.eduv.standin.server import stand_in

    return stand_in(clock)


SOURCE = SourceType(
    name="eduv",
    title="Edu-V",
    summary="Full names of a Dutch school, its subjects and its locations, for other sources' events.",
    settings=EduvSettings,
    create=_create,
    parts=(Part.NAMES,),
    further={Part.NAMES: ("GET /v1/studyofferings/school",)},
    stand_in=_stand_in,
    accounts=False,
    interval=timedelta(days=1),
)
