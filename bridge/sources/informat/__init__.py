"""Informat: interruptions, substitutions and assignments of school staff in Flanders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.model.clock import Clock
from bridge.model.event import Part
from bridge.sources.informat.settings import InformatSettings
from bridge.upstream.source_type import SourceType

if TYPE_CHECKING:
    from bridge.upstream.contract import Source
    from bridge.upstream.standin import StandIn
    from bridge.upstream.surroundings import Surroundings


def _create(settings: InformatSettings, surroundings: Surroundings) -> Source:
    from bridge.sources.informat.client import InformatClient
    from bridge.sources.informat.institute import Institute
    from bridge.sources.informat.source import Informat

    client = InformatClient(surroundings.http(settings), settings, surroundings.clock)
    institute = Institute(client, surroundings.shared(settings), settings)
    return Informat(settings, client, institute, surroundings.clock)


def _stand_in(clock: Clock) -> StandIn:
    from bridge.sources.informat.standin.server import stand_in

    return stand_in(clock)


SOURCE = SourceType(
    name="informat",
    title="Informat",
    summary="Absences, substitutions and assignments of school staff in Belgium.",
    settings=InformatSettings,
    create=_create,
    parts=(Part.INTERRUPTIONS, Part.ASSIGNMENTS),
    further={
        Part.INTERRUPTIONS: ("GET /employees/assignments, GET /employees/{personId}/assignments", "GET /employees"),
        Part.ASSIGNMENTS: ("GET /employees",),
    },
    stand_in=_stand_in,
    identity_help="personId, or the e-mail address at school",
    claimable=lambda _settings: False,
)
