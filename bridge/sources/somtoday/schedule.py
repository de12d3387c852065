"""How the timetable is read: week by week, where the school has that; at once; or from the school's own iCal link."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bridge.errors import BadResponse, Forbidden
from bridge.model.clock import Clock
from bridge.model.event import Part
from bridge.model.window import Window
from bridge.sources.somtoday.client import SomtodayClient
from bridge.sources.somtoday.mapping.homework import days_of
from bridge.sources.somtoday.mapping.items import all_items
from bridge.sources.somtoday.models import Restrictions
from bridge.sources.somtoday.settings import SomtodaySettings
from bridge.upstream.contract import Account
from bridge.upstream.http import Body
from bridge.upstream.oauth import CredentialSlot

PAGES, WEEK, LINK = "afspraken", "afspraakitems", "icalendar"
_WEEK, _DAY = timedelta(weeks=1), timedelta(days=1)
_NEAR = range(-1, 3)  # last week, this one and the next two
Document = tuple[str, Body | bytes]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the timetable that came; without a window it is all that was asked for."""

    documents: tuple[Document, ...]
    name: str = ""
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """An ISO week; `window` holds those of its days that are asked for."""

    year: int
    number: int
    window: Window
    near: bool

    @property
    def name(self) -> str:
        """As ISO 8601 writes it."""
        return f"{self.year}-W{self.number:02}"


def weeks_of(window: Window, today: date) -> list[Week]:
    """The weeks that `window` touches, those near `today` first."""
    this_monday = _monday(today)
    weeks = []
    monday = _monday(window.start)
    while monday < window.end:
        year, number, _ = monday.isocalendar()
        own = Window(max(monday, window.start), min(monday + _WEEK, window.end))
        weeks.append(Week(year, number, own, (monday - this_monday) // _WEEK in _NEAR))
        monday += _WEEK
    return sorted(weeks, key=lambda week: not week.near)


class ScheduleReader:
    """Asks for the timetable in the way that the settings and the school allow."""

    def __init__(self, client: SomtodayClient, settings: SomtodaySettings, clock: Clock) -> None:
        self._client = client
        self._settings = settings
        self._clock = clock

    async def fetch(
        self, account: Account, slot: CredentialSlot, window: Window, shown: Restrictions, parts: Sequence[Part]
    ) -> list[Stretch]:
        """What is due of the timetable; a week is due where one of `parts` has not been read from it lately.

        Raises:
            Forbidden: the school shows it in no way.
            SourceError: it did not come.
        """
        try:
            if not shown.roosterBekijkenAan:
                raise self._hidden()
            return await self._documented(account, slot, window, parts)
        except Forbidden:
            offered = shown.roosterBeschikbaarIcalAan
            if offered is False or not (offered or shown.roosterBekijkenAan):
                raise
            return [Stretch(((LINK, await self._link(slot)),))]

    async def _documented(
        self, account: Account, slot: CredentialSlot, window: Window, parts: Sequence[Part]
    ) -> list[Stretch]:
        choice = self._settings.schedule_api
        if choice != PAGES:
            try:
                weeks = await self._weeks(account, slot, window, parts)
            except Forbidden:
                if choice == WEEK:
                    raise
                weeks = None
            if weeks is not None:
                return weeks
            if choice == WEEK:
                raise BadResponse(f"{self._client.origin} has no timetable by weeks; see the setting schedule_api.")
        pages = await self._client.appointments(slot, window)
        return [Stretch(tuple((PAGES, page) for page in pages))]

    async def _weeks(
        self, account: Account, slot: CredentialSlot, window: Window, parts: Sequence[Part]
    ) -> list[Stretch] | None:
        """The weeks that are due and known; none where the school has no timetable by weeks."""
        now = self._clock()
        stretches: list[Stretch] = []
        for week in weeks_of(window, now.astimezone(self._settings.zone).date()):
            if not week.near and not self._due(account, week, parts, now):
                continue
            body = await self._client.week(slot, account.person, week.year, week.number)
            if body is not None:
                stretches.append(Stretch(((WEEK, body),), week.name, week.window))
            elif not stretches:
                return None
        return stretches

    def _due(self, account: Account, week: Week, parts: Sequence[Part], now: datetime) -> bool:
        moments = [account.read_at.get(part, {}).get(week.name) for part in parts]
        return any(moment is None or now - moment >= self._settings.far_interval for moment in moments)

    async def _link(self, slot: CredentialSlot) -> Body:
        """The link is that of a login; with several pupils nobody can tell whose it is."""
        pupils = all_items([bytes(page) for page in await self._client.pupils(slot)], self._client.origin)
        if len(pupils) != 1:
            raise self._hidden()
        return await self._client.link(slot)

    def _hidden(self) -> Forbidden:
        return Forbidden(f"{self._client.origin} does not show the {Part.SCHEDULE} of this pupil.")


def with_homework(
    stretches: Sequence[Stretch], lists: Mapping[str, Sequence[Body]], today: date, zone: ZoneInfo, origin: str
) -> list[Stretch]:
    """The stretches, each with what of the homework `lists` falls in it.

    What cannot be placed goes to this week, where it is read and counted.

    Raises:
        BadResponse: a list is none.
    """
    if any(stretch.window is None for stretch in stretches):
        whole = tuple((name, page) for name, pages in lists.items() for page in pages)
        return [replace(stretch, documents=(*stretch.documents, *whole)) for stretch in stretches]
    placed = {
        name: [
            (item, days_of(item, name, zone) or (today, today + _DAY))
            for item in all_items([bytes(page) for page in pages], origin)
        ]
        for name, pages in lists.items()
    }
    return [replace(stretch, documents=(*stretch.documents, *_within(stretch, placed))) for stretch in stretches]


def _within(stretch: Stretch, placed: Mapping[str, Sequence[tuple[Any, tuple[date, date]]]]) -> Iterator[Document]:
    """What of each list has a day in the whole week of a stretch."""
    if stretch.window is None:
        return
    monday = _monday(stretch.window.start)
    for name, items in placed.items():
        inside = [item for item, (first, end) in items if first < monday + _WEEK and end > monday]
        yield name, json.dumps({"items": inside}).encode()


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
