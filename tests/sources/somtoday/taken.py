"""What one fetch brought: each part's answers, read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bridge.errors import SourceError
from bridge.model.event import Event, Kind, Part, clean_event
from bridge.model.window import Window
from bridge.upstream.contract import Account, Answer, Reading, Source
from bridge.upstream.credential import CredentialSlot

ZONE = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True)
class Taken:
    """The answers of each part, and why others did not come."""

    window: Window
    answers: Mapping[Part, Sequence[tuple[Answer, Reading]]]
    errors: Mapping[Part, SourceError]

    def names(self, part: Part) -> list[str]:
        """The names of a part's answers."""
        return [answer.name for answer, _ in self.answers[part]]

    def events(self, part: Part = Part.SCHEDULE) -> list[Event]:
        """All events of a part; of what is in two answers, one."""
        found: dict[tuple[Kind, str], Event] = {}
        for answer, reading in self.answers[part]:
            assert reading.skipped == 0
            for event in map(clean_event, reading.events):
                if (answer.window or self.window).overlaps(event.when, ZONE):
                    assert found.get((event.kind, event.identity), event) == event, "it is the same wherever it comes"
                    found[event.kind, event.identity] = event
        return list(found.values())

    def read_at(self, moment: datetime) -> Mapping[Part, Mapping[str, datetime]]:
        """When each answer came last, for the next fetch."""
        return {part: {answer.name: moment for answer, _ in told} for part, told in self.answers.items()}


async def take(source: Source, account: Account, slot: CredentialSlot, window: Window) -> Taken:
    """Fetch and read everything."""
    answers: dict[Part, list[tuple[Answer, Reading]]] = {}
    errors: dict[Part, SourceError] = {}
    for part, told in (await source.fetch(account, slot, window)).items():
        try:
            if isinstance(told, SourceError):
                raise told
            listed = [told] if isinstance(told, Answer) else told
            answers[part] = [(answer, source.read(part, answer.payload, account)) for answer in listed]
        except SourceError as error:
            errors[part] = error
    return Taken(window, answers, errors)


def later(account: Account, *takings: tuple[Taken, datetime]) -> Account:
    """The account once these have been kept."""
    read_at: dict[Part, dict[str, datetime]] = {}
    for taken, moment in takings:
        for part, names in taken.read_at(moment).items():
            read_at.setdefault(part, {}).update(names)
    return replace(account, read_at=read_at)
