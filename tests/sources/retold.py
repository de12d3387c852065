"""An answer that an upstream once gave, told again: as it was, or spoiled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from bridge.calendar.head import CalendarInfo
from bridge.calendar.options import FeedOptions
from bridge.calendar.render import render
from bridge.errors import SourceError
from bridge.model.event import Event, Part
from bridge.model.text import clean_line
from bridge.model.window import Window
from bridge.store.codec import decode, encode
from bridge.store.credentials import NoCredential
from bridge.sync.reconcile import reconcile
from bridge.sync.snapshot import Delivered, take_snapshot
from bridge.upstream.configured import ConfiguredSource
from bridge.upstream.contract import Account, Answer, Answers, Reading, Source
from bridge.upstream.oauth import CredentialSlot

_NOW = datetime(2026, 11, 22, tzinfo=UTC)
_ALL_YEARS = Window(date(1800, 1, 1), date(2300, 1, 1))


@dataclass(frozen=True)
class Retold:
    """A source whose upstream says `answer` to everything; it reads as `source` does."""

    source: Source
    part: Part
    answer: Answer

    async def check(self) -> str:
        return await self.source.check()

    async def connect(self, identity: str | None, account: Account, slot: CredentialSlot) -> Account:
        return await self.source.connect(identity, account, slot)

    async def fetch(
        self,
        account: Account,  # noqa: ARG002
        slot: CredentialSlot,  # noqa: ARG002
        window: Window,  # noqa: ARG002
    ) -> Mapping[Part, Answers]:
        return {self.part: self.answer}

    def read(self, part: Part, answer: Answer, account: Account) -> Reading:
        return self.source.read(part, answer, account)


@dataclass(frozen=True)
class Told:
    """One part's answer for one account."""

    at: ConfiguredSource
    account: Account
    part: Part
    answer: Answer
    shown_before: set[tuple[Event, ...]] = field(default_factory=set)

    async def shown(self, answer: Answer) -> Sequence[Event | str]:
        """The events of `answer` in the place of this one, once they have been kept and shown; none if refused.

        Of a part that is about names, the names, once it is clear that a calendar can carry them.
        """
        if self.part is Part.NAMES:
            return self._named(answer)
        retold = Retold(self.at.source, self.part, answer)
        snapshot = await take_snapshot(retold, self.at.settings, self.account, NoCredential(), _ALL_YEARS, {})
        outcome = snapshot[self.part]
        if not isinstance(outcome, Delivered):
            return ()
        if outcome.events in self.shown_before:
            return outcome.events
        self.shown_before.add(outcome.events)
        for event in outcome.events:
            text = encode(event)
            assert text.encode()
            assert decode(text) == event
        zone = self.at.settings.zone
        entries = reconcile([], outcome, source="school", person="", now=_NOW, zone=zone).added
        assert len(entries) == len(outcome.events)
        info = CalendarInfo("School", zone.key, timedelta(minutes=30))
        calendar = render(info, entries, FeedOptions(), now=_NOW).calendar
        assert calendar.count(b"\r\nBEGIN:VEVENT\r\n") <= len(entries)
        return outcome.events

    def _named(self, answer: Answer) -> Sequence[str]:
        try:
            names = self.at.source.read(self.part, answer, self.account).names
        except SourceError:
            return ()
        assert names is not None
        assert all(code == code.casefold() != "" for code in (*names.subjects, *names.locations))
        called = [names.school, *names.subjects.values(), *names.locations.values()]
        assert all(text and clean_line(text) == text and text.encode() for text in called)
        return called
