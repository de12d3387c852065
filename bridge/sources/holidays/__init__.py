"""Public and school holidays of a country or region, from the `holidays` library: no server, no account."""

from datetime import timedelta
from typing import cast

from bridge.model.clock import Clock
from bridge.model.event import Part
from bridge.settings.schema import SourceSettings
from bridge.sources.holidays.settings import HolidaysSettings
from bridge.sources.holidays.source import HolidaysSource
from bridge.upstream.contract import Source, SourceType, Surroundings
from bridge.upstream.standin import StandIn


def _create(settings: SourceSettings, surroundings: Surroundings) -> Source:
    return HolidaysSource(cast("HolidaysSettings", settings), surroundings.clock)


def _stand_in(clock: Clock) -> StandIn:
    from bridge.sources.holidays.standin.server import stand_in  # noqa: PLC0415 - only for the demo and for tests

    return stand_in(clock)


SOURCE = SourceType(
    name="holidays",
    summary="Public and school holidays of a country or region, without a server.",
    settings=HolidaysSettings,
    create=_create,
    parts=(Part.HOLIDAYS,),
    stand_in=_stand_in,
    accounts=False,
    interval=timedelta(days=1),
)
