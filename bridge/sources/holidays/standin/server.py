"""The stand-in of a source that asks nobody: settings only."""

from bridge.model.clock import Clock
from bridge.upstream.standin import StandIn


def stand_in(clock: Clock) -> StandIn:  # noqa: ARG001 - every stand-in is given the time
    """Holidays of the north of the Netherlands."""
    return StandIn(source="holidays", settings={"country": "NL", "region": "Noord"})
