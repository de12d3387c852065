"""Reporting to be ill, on a person's page."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from aiohttp import web

from bridge.errors import BridgeError, ChoiceNeeded, Refused
from bridge.server.pages.languages import language_of, message
from bridge.server.pages.outcomes import ReportedAbsence, reported
from bridge.server.pages.rendering import Renderer
from bridge.server.pages.visits import Visit, asker_of
from bridge.server.services import Services
from bridge.sync.absences import attach, report_absence, withdraw_absence
from bridge.sync.desk import Asker
from bridge.upstream.writing import AbsenceReport, Attachment, ReportsAbsence

LARGEST_FORM = 16 * 1024 * 1024
"""The largest form with a file: a larger file is refused anyway."""
_NOT_A_DAY = message("Choose a day.")
_NO_FILE = message("Choose a photo or a file first.")
_ENDED = message("This report can no longer be corrected. What you send now is a new one.")
_NOT_SENT = message("Nothing was sent. Try again in a while.")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Filled:
    """What a person has filled in, and what is asked again: an error, and choices by the name of their field."""

    given: Mapping[str, str] = field(default_factory=dict, repr=False)
    error: str = ""
    choices: Sequence[tuple[str, str]] = ()
    chooses: str = ""


class AbsencePages:
    """The page on which a person reports to be ill."""

    def __init__(self, services: Services, renderer: Renderer) -> None:
        self._services = services
        self._renderer = renderer

    async def show(self, visit: Visit) -> web.Response:
        """The form, and what was reported. It is filled in with the days of a report that is to be corrected."""
        asker = await self._asker(visit)
        wanted = visit.request.query.get("correct", "")
        if not wanted:
            return await self._page(visit, asker, Filled())
        one = await self._own(visit, asker, wanted)
        if not one.stands:
            return await self._page(visit, asker, Filled(error=_ENDED))
        days = {"first": one.first.isoformat(), "last": one.last.isoformat()}
        return await self._page(visit, asker, Filled({"corrects": one.id, "until": "other", **days}))

    async def act(self, visit: Visit) -> web.Response:
        """Report, withdraw, or send a certificate."""
        visit = replace(visit, request=visit.request.clone(client_max_size=LARGEST_FORM))
        given = await visit.posted()
        asker = await self._asker(visit)
        user, account = visit.user.name, visit.account
        deed, corrects = given.get("do", "report"), given.get("corrects", "")
        if corrects and not (await self._own(visit, asker, corrects)).stands:
            return await self._page(visit, asker, Filled(given | {"corrects": "", "key": ""}, _ENDED))
        files = await _files(visit)
        if deed == "attach" and not files:
            return await self._page(visit, asker, Filled(error=_NO_FILE))
        try:
            if deed == "withdraw":
                async with self._services.recorded(visit.user, "absence withdraw", account):
                    await withdraw_absence(self._services.desk, user, account, given.get("id", ""))
            elif deed == "attach":
                for file in files:
                    async with self._services.recorded(visit.user, "absence attach", account):
                        await attach(self._services.desk, user, account, given.get("id", ""), file)
            elif deed == "report":
                report = self._report(asker, given)
                async with self._services.recorded(visit.user, "absence report", account):
                    await report_absence(self._services.desk, user, account, report, files)
        except ChoiceNeeded as error:
            return await self._page(visit, asker, Filled(given, "", error.choices, error.option or ""))
        except _WrongDay:
            return await self._page(visit, asker, Filled(given, _NOT_A_DAY))
        except BridgeError as error:
            return await self._page(visit, asker, Filled(given, _worded(visit, asker, error)))
        raise visit.back(f"/ill/{asker.at.name}{visit.which}", "sent")

    def _report(self, asker: Asker, given: Mapping[str, str]) -> AbsenceReport:
        today = self._today(asker)
        lasts = given.get("until", "other")
        first = today if lasts in {"today", "tomorrow"} else _day(given.get("first", ""))
        last = {"today": today, "tomorrow": today + _DAY}.get(lasts) or _day(given.get("last", ""))
        return AbsenceReport(
            first=first,
            last=last,
            remark=given.get("remark", "").strip(),
            doctor=given.get("doctor", "").strip(),
            doctor_phone=given.get("doctor_phone", "").strip(),
            must_stay_home="must_stay_home" in given,
            unpaid="unpaid" in given,
            corrects=given.get("corrects", ""),
            key=given.get("key", ""),
            choices={name: value for name, value in given.items() if name == "structure"},
        )

    async def _asker(self, visit: Visit) -> Asker:
        asker = await asker_of(self._services.desk, visit)
        if not isinstance(asker.at.source, ReportsAbsence):
            raise web.HTTPNotFound
        return asker

    async def _page(self, visit: Visit, asker: Asker, filled: Filled) -> web.Response:
        return self._renderer.page(
            visit.request,
            "ill.html",
            status=422 if filled.error and visit.request.method == "POST" else 200,
            visit=visit,
            at=asker.at,
            person=asker.person,
            filled=filled,
            today=self._today(asker),
            tomorrow=self._today(asker) + _DAY,
            key=filled.given.get("key") or uuid.uuid4(),
            reports=await self._reported(visit, asker),
            done=visit.request.query.get("done", ""),
        )

    async def _own(self, visit: Visit, asker: Asker, wanted: str) -> ReportedAbsence:
        """The person's own report with this id. Raises HTTPNotFound."""
        for one in await self._reported(visit, asker):
            if one.id == wanted:
                return one
        raise web.HTTPNotFound

    async def _reported(self, visit: Visit, asker: Asker) -> list[ReportedAbsence]:
        outbox = await self._services.store.outbox.of_account(asker.stored.id)
        return reported(asker.at, outbox, language_of(visit.request))

    def _today(self, asker: Asker) -> date:
        return self._services.clock().astimezone(asker.at.settings.zone).date()


class _WrongDay(ValueError):
    """What was typed is no day."""


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise _WrongDay from None


def _worded(visit: Visit, asker: Asker, error: BridgeError) -> str:
    """The sentence of an error, in the person's language."""
    if isinstance(error, Refused) and isinstance(asker.at.source, ReportsAbsence):
        found = asker.at.source.explain(error.code, language_of(visit.request))
        if found:
            return f"{found} ({error.code})" if error.code.isupper() else found
    return _NOT_SENT


async def _files(visit: Visit) -> list[Attachment]:
    """The files in a form: a photo that the camera made, or another file, or both."""
    found = [await visit.posted_file(name) for name in ("photo", "certificate")]
    return [Attachment(str(uuid.uuid4()), *file) for file in found if file is not None and file[0]]
