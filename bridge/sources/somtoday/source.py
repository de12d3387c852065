"""What Roosterbridge asks of SOMtoday for one pupil, part by part."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import ValidationError

from bridge.errors import AuthFailed, BadResponse, ChoiceNeeded, ConfigError, Forbidden, SourceError, UnknownPerson
from bridge.model.clock import Clock
from bridge.model.event import Part
from bridge.model.window import Window
from bridge.sources.somtoday.client import SomtodayClient, items_of
from bridge.sources.somtoday.mapping.absences import read_absences, read_registrations
from bridge.sources.somtoday.mapping.grades import read_grades
from bridge.sources.somtoday.mapping.homework import LISTS, TIED, read_assignments, read_homework, with_tasks
from bridge.sources.somtoday.mapping.lessons import read_schedule, read_weeks
from bridge.sources.somtoday.mapping.link import read_link
from bridge.sources.somtoday.mapping.vacations import read_vacations
from bridge.sources.somtoday.models import Pupil, Restrictions
from bridge.sources.somtoday.schedule import LINK, PAGES, WEEK, ScheduleReader, Stretch, with_homework
from bridge.sources.somtoday.settings import SomtodaySettings
from bridge.upstream.browser_login import CodeLogin
from bridge.upstream.capabilities import Granted, LoginAttempt
from bridge.upstream.contract import Account, Answer, Answers, Reading, unknown_options
from bridge.upstream.http import Body
from bridge.upstream.oauth import CredentialSlot

_REPORTS, _OBSERVATIONS, _OVERVIEW, _ITEMS = "absentiemeldingen", "waarnemingen", "registratieOverzicht", "items"
_ANSWER = TypeVar("_ANSWER")


class Somtoday:
    """A school's SOMtoday; see `bridge.upstream.contract.Source`."""

    def __init__(self, settings: SomtodaySettings, client: SomtodayClient, login: CodeLogin, clock: Clock) -> None:
        self._settings = settings
        self._client = client
        self._login = login
        self._clock = clock
        self._schedule = ScheduleReader(client, settings, clock)

    async def check(self) -> str:
        """See `Source.check`; there are no credentials but the accounts' own."""
        await self._client.reach()
        return "reachable"

    async def connect(self, identity: str | None, account: Account, slot: CredentialSlot) -> Account:
        """See `Source.connect`; `identity` is a pupil's number, id, or first name where that is unique."""
        if unknown := unknown_options(account.options, ()):
            raise ConfigError(f"An account at {self._client.origin} has no option {unknown[0]}.")
        if slot.secret is None:
            raise ConfigError(f"An account at {self._client.origin} needs a login: `account login`, or --secret-stdin.")
        pupils = _pupils(await self._client.pupils(slot), self._client.origin)
        return replace(account, person=_choose(pupils, identity, self._client.origin).key)

    def begin_login(self) -> LoginAttempt:
        """See `OffersLogin.begin_login`."""
        return self._login.begin()

    async def finish_login(self, attempt: LoginAttempt, pasted: str) -> Granted:
        """See `OffersLogin.finish_login`."""
        return await self._login.finish(attempt, pasted)

    async def revoke(self, slot: CredentialSlot) -> None:
        """See `Revokes.revoke`."""
        await self._login.revoke(slot)

    async def fetch(self, account: Account, slot: CredentialSlot, window: Window) -> Mapping[Part, Answers]:
        """See `Source.fetch`; a part that the school hides is not asked for."""
        try:
            await self._client.sign_in(slot)
            shown = await self._restrictions(account, slot)
            timetable, others = await asyncio.gather(
                self._timetable(account, slot, window, shown),
                self._others(account, slot, window, shown),
                return_exceptions=True,
            )
            if isinstance(timetable, BaseException):
                raise timetable
            if isinstance(others, BaseException):
                raise others
            answers = {**timetable, **others}
        except SourceError as error:
            return dict.fromkeys(self._parts, error)
        return {part: answers[part] for part in self._parts}

    def read(self, part: Part, answer: Answer, account: Account) -> Reading:
        """See `Source.read`."""
        zone, origin = self._settings.zone, self._client.origin
        if part in {Part.SCHEDULE, Part.HOMEWORK}:
            return self._read_timetable(part, answer, account)
        if part is Part.ABSENCES:
            if overview := answer.of(_OVERVIEW):
                return read_registrations(overview[0], zone=zone, origin=origin)
            reports, observations = answer.of(_REPORTS), answer.of(_OBSERVATIONS)
            return read_absences(reports, observations, pupil=account.person, zone=zone, origin=origin)
        if part is Part.NOTICES:
            with_marks = self._settings.grades == "marks"
            return read_grades(answer.of(_ITEMS), pupil=account.person, with_marks=with_marks, origin=origin)
        return read_vacations(answer.of(_ITEMS), origin=origin)

    @property
    def _parts(self) -> tuple[Part, ...]:
        """What is asked for; grades only where the settings want them."""
        notices = () if self._settings.grades == "off" else (Part.NOTICES,)
        return Part.SCHEDULE, Part.ABSENCES, Part.HOLIDAYS, Part.HOMEWORK, *notices

    async def _others(
        self, account: Account, slot: CredentialSlot, window: Window, shown: Restrictions
    ) -> Mapping[Part, Answers]:
        """The parts that are not of the timetable."""

        async def absences() -> Answer:
            return await self._absences(account, slot, window, shown)

        async def vacations() -> Answer:
            return _answer(_ITEMS, await self._client.vacations(slot, account.person))

        async def grades() -> Answer:
            if not shown.cijfersBekijkenAan:
                raise self._hidden(Part.NOTICES)
            return _answer(_ITEMS, await self._client.grades(slot, account.person))

        calls = {Part.ABSENCES: absences, Part.HOLIDAYS: vacations, Part.NOTICES: grades}
        return {part: await self._answered(part, call) for part, call in calls.items() if part in self._parts}

    async def _answered(self, part: Part, call: Callable[[], Awaitable[_ANSWER]]) -> _ANSWER | SourceError:
        """An answer, or why there is none. Raises AuthFailed, which concerns all parts."""
        try:
            return await call()
        except Forbidden:
            return self._hidden(part)
        except AuthFailed:
            raise
        except SourceError as error:
            return error

    async def _timetable(
        self, account: Account, slot: CredentialSlot, window: Window, shown: Restrictions
    ) -> dict[Part, Answers]:
        """Lessons and homework, which know of each other: a lesson what is to be done for it, homework its lesson."""
        origin = self._client.origin
        lists = await self._answered(Part.HOMEWORK, lambda: self._homework(account, slot, window, shown))
        came = not isinstance(lists, SourceError)
        parts = (Part.SCHEDULE, Part.HOMEWORK) if came else (Part.SCHEDULE,)
        stretches = await self._answered(
            Part.SCHEDULE, lambda: self._schedule.fetch(account, slot, window, shown, parts)
        )
        if isinstance(lists, SourceError):
            return {Part.SCHEDULE: _answers(stretches), Part.HOMEWORK: lists}
        if isinstance(stretches, SourceError) and not isinstance(stretches, Forbidden):
            # Without the timetable a test in it would show a second time, and homework at guessed times.
            return {Part.SCHEDULE: stretches, Part.HOMEWORK: stretches}
        today = self._clock().astimezone(self._settings.zone).date()
        known = [Stretch(())] if isinstance(stretches, SourceError) else stretches
        try:
            both = _answers(with_homework(known, lists, today, self._settings.zone, origin))
        except BadResponse as error:
            return {Part.SCHEDULE: _answers(stretches), Part.HOMEWORK: error}
        return {Part.SCHEDULE: stretches if isinstance(stretches, SourceError) else both, Part.HOMEWORK: both}

    async def _homework(
        self, account: Account, slot: CredentialSlot, window: Window, shown: Restrictions
    ) -> dict[str, list[Body]]:
        """The lists that the school allows. Raises Forbidden where that is none."""
        lists: dict[str, list[Body]] = {}
        for name in LISTS if shown.huiswerkBekijkenAan else ():
            try:
                lists[name] = await self._client.assignments(slot, name, account.person, window)
            except Forbidden:
                continue
        if not lists:
            raise self._hidden(Part.HOMEWORK)
        return lists

    def _read_timetable(self, part: Part, answer: Answer, account: Account) -> Reading:
        zone, origin = self._settings.zone, self._client.origin
        lists = {name: pages for name in LISTS if (pages := answer.of(name))}
        schedule = self._read_schedule(answer, account)
        assignments = read_assignments(lists, pupil=account.person, zone=zone, origin=origin)
        if part is Part.HOMEWORK:
            return read_homework(assignments, schedule.events, zone)
        return with_tasks(schedule, assignments, zone) if TIED in lists else schedule

    def _read_schedule(self, answer: Answer, account: Account) -> Reading:
        zone, origin = self._settings.zone, self._client.origin
        if weeks := answer.of(WEEK):
            return read_weeks(weeks, zone=zone, origin=origin)
        if link := answer.of(LINK):
            return read_link(link[0], zone=zone, origin=origin)
        return read_schedule(answer.of(PAGES), pupil=account.person, zone=zone, origin=origin)

    async def _restrictions(self, account: Account, slot: CredentialSlot) -> Restrictions:
        """What the school shows of this pupil; everything, where it does not say."""
        try:
            return _restrictions(await self._client.account(slot), account.person)
        except AuthFailed:
            raise
        except (SourceError, ValidationError, AttributeError, TypeError, LookupError):
            return Restrictions()

    async def _absences(self, account: Account, slot: CredentialSlot, window: Window, shown: Restrictions) -> Answer:
        """The overview where there is one, else both lists; what the school hides or forbids is left out."""
        if not shown.absentiesBekijkenAan:
            raise self._hidden(Part.ABSENCES)
        if shown.absentieMeldingBekijkenAan and shown.absentieConstateringBekijkenAan:
            try:
                overview = await self._client.registrations(slot, account.person)
            except Forbidden:
                overview = None
            if overview is not None:
                return _answer(_OVERVIEW, [overview])
        calls = {
            _REPORTS: (shown.absentieMeldingBekijkenAan, self._client.absence_reports),
            _OBSERVATIONS: (shown.absentieConstateringBekijkenAan, self._client.observations),
        }
        documents: list[tuple[str, Body]] = []
        offered = 0
        for name, (allowed, call) in calls.items():
            if not allowed:
                continue
            try:
                documents += [(name, page) for page in await call(slot, window)]
                offered += 1
            except Forbidden:
                continue
        if not offered:
            raise self._hidden(Part.ABSENCES)
        return Answer(tuple(documents))

    def _hidden(self, part: Part) -> Forbidden:
        return Forbidden(f"{self._client.origin} does not show the {part} of this pupil.")


def _answer(name: str, pages: Sequence[Body]) -> Answer:
    return Answer(tuple((name, page) for page in pages))


def _answers(stretches: Sequence[Stretch] | SourceError) -> Answers:
    """One answer where there is one, else all of them, or why there is none."""
    if isinstance(stretches, SourceError):
        return stretches
    answers = [Answer(stretch.documents, stretch.name, stretch.window) for stretch in stretches]
    return answers[0] if len(answers) == 1 else tuple(answers)


def _pupils(pages: list[Body], origin: str) -> list[Pupil]:
    try:
        return [Pupil.model_validate(item) for page in pages for item in items_of(page, origin)]
    except ValidationError as error:
        raise BadResponse(f"{origin} sent pupils that cannot be read.") from error


def _choose(pupils: list[Pupil], identity: str | None, origin: str) -> Pupil:
    choices = tuple((pupil.leerlingnummer or pupil.key, pupil.roepnaam or "") for pupil in pupils)
    if identity is None:
        if len(pupils) > 1:
            raise ChoiceNeeded(f"This login at {origin} has several pupils; choose one with --identity.", choices)
        found = pupils
    else:
        wanted = identity.strip()
        number = str(int(wanted)) if wanted.isdecimal() else wanted
        found = [p for p in pupils if number in {p.key, p.leerlingnummer} or wanted == p.leerlingnummer] or [
            p for p in pupils if (p.roepnaam or "").casefold() == wanted.casefold()
        ]
    if len(found) != 1 or not found[0].key:
        raise UnknownPerson(f"This login at {origin} has no such pupil.")
    return found[0]


def _restrictions(answer: Any, pupil: str) -> Restrictions:
    account = answer["items"][0] if answer.get("items") else answer
    items = ((account.get("additionalObjects") or {}).get("restricties") or {}).get("items") or []
    found = [Restrictions.model_validate(item) for item in items]
    own = [item for item in found if item.leerlingId in {"", pupil}]
    return next(iter(own or found), Restrictions())
