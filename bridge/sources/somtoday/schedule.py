"""How the timetable is read: week by week, all at once, or from the school's own iCal link."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache, partial

from bridge.errors import BadResponse, Forbidden
from bridge.model.clock import Clock
from bridge.model.event import Part
from bridge.model.window import Window
from bridge.sources.somtoday.agenda import Form, Stretch
from bridge.sources.somtoday.client import SomtodayClient
from bridge.sources.somtoday.mapping.due import monday_of
from bridge.sources.somtoday.mapping.items import all_items
from bridge.sources.somtoday.models import Restrictions
from bridge.sources.somtoday.settings import SomtodaySettings
from bridge.upstream.contract import Account
from bridge.upstream.credential import CredentialSlot
from bridge.upstream.further import Further
from bridge.upstream.pace import Pace
from bridge.upstream.reply import Body

_WEEK = timedelta(weeks=1)
_FAR = "weeks further away"


@dataclass(frozen=True, slots=True)
class Week:
    """An ISO week. `name` is in the form of ISO 8601, such as `2026-W48`; `window` has the requested days of it."""

    year: int
    number: int
    name: str
    window: Window
    near: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """The parts for which the timetable is requested, and the further requests of it."""

    parts: Sequence[Part]
    further: Further


@lru_cache(maxsize=16)  # the same for all pupils of a day
def weeks_of(window: Window, near: Window) -> Sequence[Week]:
    """The weeks that `window` touches, those in `near` first."""
    weeks = []
    monday = monday_of(window.start)
    while monday < window.end:
        year, number, _ = monday.isocalendar()
        own = Window(max(monday, window.start), min(monday + _WEEK, window.end))
        weeks.append(Week(year, number, f"{year}-W{number:02}", own, near.start <= monday < near.end))
        monday += _WEEK
    return tuple(sorted(weeks, key=lambda week: not week.near))


class ScheduleReader:
    """Requests the timetable in the way that the settings and the school allow."""

    def __init__(self, client: SomtodayClient, settings: SomtodaySettings, clock: Clock) -> None:
        self._client = client
        self._settings = settings
        self._clock = clock

    def comes_by_weeks(self, account: Account) -> bool:
        """Whether the timetable of an account has come week by week, or may do so."""
        names = {*account.read_at.get(Part.SCHEDULE, ()), *account.read_at.get(Part.HOMEWORK, ())}
        return self._settings.schedule_api != Form.PAGES.value and "" not in names

    async def fetch(
        self, account: Account, slot: CredentialSlot, window: Window, shown: Restrictions, asked: Asked
    ) -> list[Stretch]:
        """Request the weeks that are due: those from which a part was not read recently.

        Far weeks are further requests: if one fails, the near weeks are all there is.

        Raises:
            Forbidden: the school does not show the timetable.
            SourceError: the request failed.
        """
        try:
            if not shown.roosterBekijkenAan:
                raise self._hidden()
            return await self._documented(account, slot, window, asked)
        except Forbidden:
            offered = shown.roosterBeschikbaarIcalAan
            if offered is False or not (offered or shown.roosterBekijkenAan):
                raise
            return [Stretch(Form.LINK, (await self._link(slot),))]

    async def _documented(self, account: Account, slot: CredentialSlot, window: Window, asked: Asked) -> list[Stretch]:
        choice = self._settings.schedule_api
        if choice != Form.PAGES.value:
            try:
                weeks = await self._weeks(account, slot, window, asked)
            except Forbidden:
                if choice == Form.WEEK.value:
                    raise
                weeks = None
            if weeks is not None:
                return weeks
            if choice == Form.WEEK.value:
                raise BadResponse(f"{self._client.origin} has no timetable by weeks; see the setting schedule_api.")
        return [Stretch(Form.PAGES, tuple(await self._client.appointments(slot, window)))]

    async def _weeks(
        self, account: Account, slot: CredentialSlot, window: Window, asked: Asked
    ) -> list[Stretch] | None:
        """The weeks that are due; `None` if the school has no timetable by weeks."""
        pace = Pace.at(self._clock(), self._settings)
        read_lately = pace.read_lately(account, asked.parts)
        stretches: list[Stretch] = []
        for week in weeks_of(window, pace.near):
            if not week.near and week.name in read_lately:
                continue
            request = partial(self._week, account, slot, week)
            found = await (request() if week.near else asked.further.attempt(request, what=_FAR))
            if found is None:
                break
            stretches += found
            if not stretches:
                return None
        return stretches

    async def _week(self, account: Account, slot: CredentialSlot, week: Week) -> list[Stretch]:
        """A week; nothing if the school does not have it."""
        body = await self._client.week(slot, account.person, week.year, week.number)
        further = "" if week.near else _FAR
        return [] if body is None else [Stretch(Form.WEEK, (body,), week.name, week.window, further)]

    async def _link(self, slot: CredentialSlot) -> Body:
        """The iCal link of a login. With several pupils it is unknown whose it is."""
        pupils = all_items(await self._client.pupils(slot), self._client.origin)
        if len(pupils) != 1:
            raise self._hidden()
        return await self._client.link(slot)

    def _hidden(self) -> Forbidden:
        return Forbidden(f"{self._client.origin} does not show the {Part.SCHEDULE} of this pupil.")
