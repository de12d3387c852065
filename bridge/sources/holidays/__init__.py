"""Holidays: the public and school holidays of a country or region, from the `holidays` package."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.model.clock import Clock
from bridge.model.event import Part
from bridge.sources.holidays.settings import HolidaysSettings
from bridge.upstream.source_type import SourceType

if TYPE_CHECKING:
    from bridge.upstream.contract import Source
    from bridge.upstream.standin import StandIn
    from bridge.upstream.surroundings import Surroundings


def _create(settings: HolidaysSettings, surroundings: Surroundings) -> Source:
    from bridge.sources.holidays.source import HolidaysSource

    return HolidaysSource(settings, surroundings.clock)


def _stand_in(clock: Clock) -> StandIn:
    from bridge.sources.holidays.standin.server import stand_in

    return stand_in(clock)


SOURCE = SourceType(
    name="holidays",
    title="Public and school holidays",
    summary="Public and school holidays of a country or region, without a network.",
    settings=HolidaysSettings,
    create=_create,
    parts=(Part.HOLIDAYS,),
    stand_in=_stand_in,
    accounts=False,
    interval=timedelta(days=1),
)
