"""The source: what is requested for a pupil, part by part."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

from pydantic import ValidationError

from bridge.errors import (
    AuthFailed,
    BadResponse,
    ChoiceNeeded,
    ConfigError,
    Forbidden,
    NotOffered,
    SourceError,
    UnknownPerson,
)
from bridge.model.clock import Clock
from bridge.model.event import Part
from bridge.model.text import clean_line
from bridge.model.window import Window
from bridge.sources.somtoday.absences import AbsenceReader
from bridge.sources.somtoday.agenda import Agenda, Homework, Stretch
from bridge.sources.somtoday.client import SomtodayClient, items_of
from bridge.sources.somtoday.homework import HomeworkReader
from bridge.sources.somtoday.mapping.grades import read_grades
from bridge.sources.somtoday.mapping.vacations import read_vacations
from bridge.sources.somtoday.models import Pupil, Restrictions, joined_restrictions
from bridge.sources.somtoday.schedule import Asked, ScheduleReader
from bridge.sources.somtoday.settings import RESTRICTED, SomtodaySettings
from bridge.sources.somtoday.site import Site, request_site
from bridge.upstream.browser_login import CodeLogin
from bridge.upstream.capabilities import Granted, LoginAttempt
from bridge.upstream.contract import Account, Answer, Answers, Reading
from bridge.upstream.credential import CredentialSlot
from bridge.upstream.fingerprint import fingerprint
from bridge.upstream.further import Further, not_up_to_date
from bridge.upstream.reply import Body

_ANSWER = TypeVar("_ANSWER")


class Somtoday:
    """A school; see `bridge.upstream.contract.Source`, `OffersLogin` and `Revokes`."""

    def __init__(self, settings: SomtodaySettings, client: SomtodayClient, login: CodeLogin, clock: Clock) -> None:
        self._settings = settings
        self._client = client
        self._login = login
        self._clock = clock
        self._schedule = ScheduleReader(client, settings, clock)
        self._homework = HomeworkReader(client, settings, clock)
        self._absences = AbsenceReader(client, settings, self._hidden)

    async def check(self) -> str:
        """See `Source.check`. The operator has no credentials here."""
        await self._client.reach()
        return "reachable"

    async def connect(self, identity: str | None, account: Account, slot: CredentialSlot) -> Account:
        """See `Source.connect`. `identity` is the number, id or unique first name of a pupil."""
        if slot.secret is None:
            raise ConfigError(f"An account at {self._client.origin} needs a login: `account login`, or --secret-stdin.")
        pupils = _pupils(await self._client.pupils(slot), self._client.origin)
        pupil = _choose(pupils, identity, self._client.origin)
        first_name = clean_line(pupil.roepnaam or "")
        return replace(account, person=pupil.key, first_name=first_name, several=len(pupils) > 1)

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
        """See `Source.fetch`. Parts that the school hides are not requested."""
        try:
            await self._client.sign_in(slot)
            further = Further({name: body for part in self._parts for name, body in _remembered(account, part)})
            shown = await self._restrictions(account, slot, further)
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
        return {part: further.told_with(answers[part]) if part in RESTRICTED else answers[part] for part in self._parts}

    def read(self, part: Part, payload: Any, account: Account) -> Reading:
        """See `Source.read`."""
        origin = self._client.origin
        if part is Part.SCHEDULE:
            return cast("Agenda", payload).schedule()
        if part is Part.HOMEWORK:
            return cast("Agenda", payload).tasks()
        if part is Part.ABSENCES:
            return self._absences.read(payload, account)
        if part is Part.NOTICES:
            with_marks = self._settings.grades == "marks"
            return read_grades(payload, pupil=account.person, with_marks=with_marks, origin=origin)
        return read_vacations(payload, origin=origin)

    @property
    def _parts(self) -> tuple[Part, ...]:
        """The requested parts; grades only if the settings have them on."""
        notices = () if self._settings.grades == "off" else (Part.NOTICES,)
        return Part.SCHEDULE, Part.ABSENCES, Part.HOLIDAYS, Part.HOMEWORK, *notices

    async def _others(
        self, account: Account, slot: CredentialSlot, window: Window, shown: Restrictions
    ) -> Mapping[Part, Answers]:
        """The parts other than the timetable."""

        async def absences() -> Answer:
            return await self._absences.fetch(account, slot, window, shown)

        async def vacations() -> Answer:
            return _answer(await self._client.vacations(slot, account.person))

        async def grades() -> Answer:
            if not shown.cijfersBekijkenAan:
                raise self._hidden(Part.NOTICES)
            return _answer(await self._client.grades(slot, account.person))

        calls = {Part.ABSENCES: absences, Part.HOLIDAYS: vacations, Part.NOTICES: grades}
        return {part: await self._answered(part, call) for part, call in calls.items() if part in self._parts}

    async def _answered(self, part: Part, call: Callable[[], Awaitable[_ANSWER]]) -> _ANSWER | SourceError:
        """An answer or its error. Raises AuthFailed, which concerns all parts."""
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
        """Lessons and homework, which refer to each other."""
        whole = not self._schedule.comes_by_weeks(account)
        homework = await self._answered(
            Part.HOMEWORK, lambda: self._homework.fetch(account, slot, window, shown, whole=whole)
        )
        parts = (Part.SCHEDULE,) if isinstance(homework, SourceError) else (Part.SCHEDULE, Part.HOMEWORK)
        asked = Asked(parts, Further(account.remembered.get(Part.SCHEDULE, {})))
        found = await self._answered(Part.SCHEDULE, lambda: self._schedule.fetch(account, slot, window, shown, asked))
        site = Site() if isinstance(found, SourceError) else await self._site(account, slot, asked.further)
        if isinstance(homework, SourceError):
            return self._without_homework(found, account, homework, site, asked.further)
        if isinstance(found, SourceError) and not isinstance(found, Forbidden):
            # without the timetable, a test in it would be shown twice, and homework at guessed times
            return {Part.SCHEDULE: found, Part.HOMEWORK: found}
        stretches = [None] if isinstance(found, SourceError) else found
        complete = await self._answered(
            Part.HOMEWORK, lambda: self._homework.complete(homework, stretches, account, slot)
        )
        if isinstance(complete, SourceError):
            return self._without_homework(found, account, complete, site, asked.further)
        both = self._agendas(
            [(stretch, homework if homework.is_whole_for(stretch) else complete) for stretch in stretches],
            account,
            site,
        )
        lessons = found if isinstance(found, SourceError) else asked.further.told_with(both)
        return {Part.SCHEDULE: lessons, Part.HOMEWORK: self._own_homework(homework, both)}

    def _own_homework(self, homework: Homework, agendas: Sequence[Answer]) -> Sequence[Answer]:
        """The homework in these answers, as a part."""
        lacks = (f"{self._client.origin} does not show all homework of this pupil any more.",)
        return [
            replace(
                one,
                leans_on=Part.SCHEDULE,
                notes=(*one.notes, *(lacks if homework.lacking else ())),
                remember={**one.remember, **dict.fromkeys(homework.lists, b"shown")},
            )
            for one in agendas
        ]

    def _without_homework(
        self,
        found: Sequence[Stretch] | SourceError,
        account: Account,
        failure: SourceError,
        site: Site,
        further: Further,
    ) -> dict[Part, Answers]:
        """The timetable with the sentence of why there is no homework, unless the school hides that."""
        if isinstance(found, SourceError):
            return {Part.SCHEDULE: found, Part.HOMEWORK: failure}
        lessons = self._agendas([(stretch, None) for stretch in found], account, site)
        if not isinstance(failure, Forbidden):
            lessons = [
                replace(
                    one,
                    notes=(not_up_to_date("homework in lessons", failure.sentence),),
                    retry_after=failure.retry_after,
                )
                for one in lessons
            ]
        return {Part.SCHEDULE: further.told_with(lessons), Part.HOMEWORK: failure}

    async def _site(self, account: Account, slot: CredentialSlot, further: Further) -> Site:
        today = self._clock().astimezone(self._settings.zone).date()
        return await request_site(self._client, slot, account.person, further, today=today)

    def _agendas(
        self, found: Sequence[tuple[Stretch | None, Homework | None]], account: Account, site: Site
    ) -> Sequence[Answer]:
        """An answer for each stretch with its homework; for `None` one with only the homework."""
        zone, origin = self._settings.zone, self._client.origin
        answers = []
        for stretch, homework in found:
            agenda = Agenda(stretch, homework, account.person, zone, origin, site)
            name, window = (stretch.name, stretch.window) if stretch else ("", None)
            further = stretch.further if stretch else ""
            answers.append(Answer(agenda, agenda.fingerprint, name, window, further=further))
        return answers

    async def _restrictions(self, account: Account, slot: CredentialSlot, further: Further) -> Restrictions:
        """What the school shows of this pupil; everything if it never said."""

        async def ask() -> Body:
            """Only what is shown, without the rest, which has names."""
            told = await self._client.account(slot)
            try:
                return Body((_restrictions(told, account.person).model_dump_json(exclude_unset=True).encode(),))
            except (ValidationError, AttributeError, TypeError, LookupError) as error:
                origin = self._client.origin
                raise BadResponse(f"{origin} did not say what it shows of this pupil.") from error

        def parse(body: Body) -> Restrictions:
            try:
                return Restrictions.model_validate_json(bytes(body))
            except ValidationError as error:
                raise BadResponse("Another version of this program kept what the school shows.") from error

        return await further.ask("restrictions", ask, parse, what="what the school shows") or Restrictions()

    def _hidden(self, part: Part) -> Forbidden:
        return Forbidden(f"{self._client.origin} does not show the {part} of this pupil.")


def _answer(pages: Sequence[Body]) -> Answer:
    return Answer(pages, fingerprint(*pages))


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


def _remembered(account: Account, part: Part) -> Iterable[tuple[str, bytes]]:
    return account.remembered.get(part, {}).items()


def _restrictions(answer: Any, pupil: str) -> Restrictions:
    account = answer["items"][0] if answer.get("items") else answer
    told = (account.get("additionalObjects") or {}).get("restricties")
    if told is None:
        raise NotOffered("The school does not say what it shows of its pupils.")
    items = told.get("items") or []
    found = [Restrictions.model_validate(item) for item in items]
    own = [item for item in found if item.leerlingId in {"", pupil}]
    return joined_restrictions(own or found)
