"""Informat: interruptions, substitutions and assignments of school staff in Flanders."""

from typing import TYPE_CHECKING

from bridge.model import Part
from bridge.oauth import Clock
from bridge.source import Source, SourceType, Surroundings
from bridge.sources.informat.client import InformatClient
from bridge.sources.informat.institute import Institute
from bridge.sources.informat.settings import InformatSettings
from bridge.sources.informat.source import Informat

if TYPE_CHECKING:
    from bridge.standin import StandIn


def _create(settings: InformatSettings, surroundings: Surroundings) -> Source:
    client = InformatClient(surroundings.http(settings), settings, surroundings.clock)
    institute = Institute(client, surroundings.shared(settings), settings)
    return Informat(settings, client, institute, surroundings.clock)


def _stand_in(clock: Clock) -> "StandIn":
    from bridge.sources.informat.fake import stand_in  # noqa: PLC0415 - only for the demo and for tests

    return stand_in(clock)


SOURCE = SourceType(
    name="informat",
    summary="Absences, substitutions and assignments of school staff in Belgium.",
    settings=InformatSettings,
    create=_create,
    parts=(Part.INTERRUPTIONS, Part.ASSIGNMENTS),
    stand_in=_stand_in,
    identity_help="personId, or the e-mail address at school",
)
