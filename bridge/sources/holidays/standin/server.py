"""The stand-in of a source without requests: only settings."""

from bridge.model.clock import Clock
from bridge.upstream.standin import StandIn


def stand_in(clock: Clock) -> StandIn:  # noqa: ARG001 - every stand-in is given the time
    """The holidays of the north of the Netherlands."""
    return StandIn(source="holidays", settings={"title": "Vakanties", "country": "NL", "region": "Noord"})
