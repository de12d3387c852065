"""What an employee writes in Informat: sick leave with its certificates, and numbers.

Our own ids make writes repeatable: Informat adds what it does not know under an id, and updates what it does.
"""

import base64
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from bridge.errors import ChoiceNeeded, Refused, SourceError
from bridge.model.clock import Clock
from bridge.model.event import AllDay, Event, Kind, Part
from bridge.model.window import Window
from bridge.sources.informat.client import AlreadyThere, InformatClient, found_key
from bridge.sources.informat.contacts import contact_body
from bridge.sources.informat.files import check_file
from bridge.sources.informat.models.assignment import Assignment
from bridge.sources.informat.models.fields import normal_key
from bridge.sources.informat.refusals import NO_ASSIGNMENT, TOO_LONG, explain, refusal
from bridge.sources.informat.school_year import SEPTEMBER, school_years, year_of
from bridge.sources.informat.settings import InformatSettings
from bridge.upstream.contract import Account
from bridge.upstream.credential import CredentialSlot
from bridge.upstream.writing import Absence, AbsenceReport, Attachment, ContactNumber, Deed, Write

SENDER = "Roosterbridge"
_KEYS = uuid.UUID("0e6d2f5e-7d1b-5a86-9c6a-6a4f8f2b7c31")
_ILLNESS = "1"
_LONGEST_REMARK, _LONGEST_DOCTOR, _LONGEST_PHONE = 500, 75, 20
_LONGEST = timedelta(days=731)
_SEEN = timedelta(days=365)
_DAY = timedelta(days=1)
_STRUCTURE, _WITHOUT_STRUCTURE = "structure", "BR005A"
_SAME = "BR026"
_GONE = {Deed.WITHDRAW_ABSENCE: "BR018", Deed.DETACH: "BR019", Deed.REMOVE_CONTACT: "BR028"}
"""What is refused, when it may have been sent before, because it has been done."""


class WritesInformat:
    """The part of the source that writes; see `bridge.upstream.writing`: ReportsAbsence, KeepsContacts."""

    def __init__(self, settings: InformatSettings, client: InformatClient, clock: Clock) -> None:
        self._settings = settings
        self._client = client
        self._clock = clock

    def explain(self, code: str, language: str) -> str | None:
        """See `Writes.explain`."""
        return explain(code, language)

    async def write(
        self,
        account: Account,
        slot: CredentialSlot,  # noqa: ARG002 - the credentials are ours
        write: Write,
        *,
        again: bool,
    ) -> Mapping[str, str]:
        """See `Writes.write`."""
        try:
            return await self._written(account.person, write)
        except Refused as error:
            if again and error.code == _GONE.get(write.deed):
                return {}
            raise

    async def absences(self, account: Account, slot: CredentialSlot) -> Sequence[Absence]:  # noqa: ARG002 - the credentials are ours
        """See `ReportsAbsence.absences`."""
        today = self._clock().astimezone(self._settings.zone).date()
        found = {
            item.do_id: Absence(item.do_id, item.begindatum, item.einddatum)
            for year in school_years(Window(today - _SEEN, today + _SEEN))
            for item in (await self._client.interruptions_of(account.person, year)).all()
            if item.do_id
        }
        return sorted(found.values(), key=lambda absence: (absence.first, absence.id))

    async def plan_report(
        self,
        account: Account,
        slot: CredentialSlot,  # noqa: ARG002 - the credentials are ours
        report: AbsenceReport,
    ) -> Sequence[Write]:
        """See `ReportsAbsence.plan_report`. A leave has one school year, so that one over 1 September becomes two.

        While Informat is away, a report is kept all the same.
        """
        _check_report(report)
        years = list(_by_year(report.first, report.last))
        try:
            structures = {days[0]: await self._structures(account.person, days) for days in years}
        except SourceError as error:
            if not error.transient:
                raise
            chosen = report.choices.get(_STRUCTURE, "")  # without one it is found out when it is sent
            return [self._report(report, days, chosen, number) for number, days in enumerate(years)]
        every = sorted(set().union(*structures.values()))
        return [
            self._report(report, days, self._structure(structures[days[0]] or every, report), number)
            for number, days in enumerate(years)
        ]

    def plan_withdrawal(self, account: Account, absence: Absence) -> Write:  # noqa: ARG002 - the absence tells
        """See `ReportsAbsence.plan_withdrawal`."""
        return Write(
            key=str(uuid.uuid4()),
            deed=Deed.WITHDRAW_ABSENCE,
            about={"id": _checked_key(absence.id), **_days(absence.first, absence.last)},
            part=Part.INTERRUPTIONS,
            identity=absence.id,
        )

    def plan_attachment(self, account: Account, absence_id: str, attachment: Attachment) -> Write:  # noqa: ARG002 - the ids tell
        """See `ReportsAbsence.plan_attachment`."""
        check_file(attachment)
        return Write(
            key=str(uuid.uuid4()),
            deed=Deed.ATTACH,
            about={
                "id": _checked_key(absence_id),
                "attachment": _checked_key(attachment.id, "BR015"),
                "name": attachment.name,
            },
            content={"Filename": attachment.name, "File": base64.b64encode(attachment.content).decode()},
        )

    def plan_detachment(self, account: Account, absence_id: str, attachment_id: str) -> Write:  # noqa: ARG002 - the ids tell
        """See `ReportsAbsence.plan_detachment`."""
        return Write(
            key=str(uuid.uuid4()),
            deed=Deed.DETACH,
            about={"id": _checked_key(absence_id), "attachment": _checked_key(attachment_id, "BR015")},
        )

    def plan_contact(self, account: Account, contact: ContactNumber) -> Write:  # noqa: ARG002 - a person has one of each
        """See `KeepsContacts.plan_contact`."""
        return Write(
            key=str(uuid.uuid4()),
            deed=Deed.SET_CONTACT,
            about={"kind": contact.kind, "type": contact.type, "number": contact.number.strip()},
            content=contact_body(contact),
        )

    def plan_contact_removal(self, account: Account, contact_id: str) -> Write:  # noqa: ARG002 - the id tells
        """See `KeepsContacts.plan_contact_removal`."""
        return Write(key=str(uuid.uuid4()), deed=Deed.REMOVE_CONTACT, about={"id": _checked_key(contact_id, "BR027")})

    async def _written(self, person: str, write: Write) -> Mapping[str, str]:
        about, employee = write.about, f"employees/{quote(person, safe='')}"
        match write.deed:
            case Deed.REPORT_ABSENCE:
                body = await self._with_structure(person, about, write.content)
                await self._client.put(f"{employee}/interruptions/{about['id']}", body)
            case Deed.WITHDRAW_ABSENCE:
                await self._client.delete(f"employees/interruptions/{about['id']}")
            case Deed.ATTACH:
                path = f"employees/interruptions/{about['id']}/attachments/{about['attachment']}"
                await self._client.put(path, write.content)
            case Deed.DETACH:
                await self._client.delete(f"employees/interruptions/{about['id']}/attachments/{about['attachment']}")
            case Deed.SET_CONTACT:
                return {"id": await self._set_contact(f"{employee}/communication-number", write.content)}
            case Deed.REMOVE_CONTACT:
                await self._client.delete(f"{employee}/communication-number/{about['id']}")
        return {}

    async def _with_structure(
        self, person: str, about: Mapping[str, str], body: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """A body with the structure of the person's assignments, if that could not be asked for before."""
        if body["Hfd"]:
            return body
        days = date.fromisoformat(about["from"]), date.fromisoformat(about["to"])
        found = sorted(await self._structures(person, days))
        if len(found) != 1:
            raise refusal(_WITHOUT_STRUCTURE if found else NO_ASSIGNMENT)
        return {**body, "Hfd": found[0]}

    async def _set_contact(self, path: str, body: Mapping[str, Any]) -> str:
        """Set a number. One that is there is done; another one of the kind and type is replaced. Returns its id."""
        try:
            return found_key(await self._client.put(path, body))
        except AlreadyThere as there:
            if there.code == _SAME:
                return there.contact
            await self._client.put(path, {**body, "id": there.contact})
            return there.contact

    def _report(self, report: AbsenceReport, days: tuple[date, date], structure: str, number: int) -> Write:
        first, last = days
        corrects = _checked_key(report.corrects) if report.corrects and number == 0 else ""
        key = str(uuid.uuid5(_KEYS, f"{report.key} {number}") if report.key else uuid.uuid4())
        absence = corrects or key
        return Write(
            key=key,
            deed=Deed.REPORT_ABSENCE,
            about={"id": absence, **_days(first, last)},
            content=self._body(report, first, last, structure),
            part=Part.INTERRUPTIONS,
            identity=absence,
            event=Event(absence, Kind.INTERRUPTION, AllDay(first, last + _DAY), title="", reported=True),
        )

    def _body(self, report: AbsenceReport, first: date, last: date, structure: str) -> dict[str, Any]:
        """The body of the PUT, named as in the document's example. Empty fields are left out."""
        optional = {
            "Opmerking": report.remark,
            "NaamGeneesheer": report.doctor,
            "TelefoonGeneesheer": report.doctor_phone,
        }
        return {
            "Instelnr": self._settings.institute,
            "Schooljaar": year_of(first),
            "Hfd": structure,
            "Code": report.code,
            "Begindatum": first.isoformat(),
            "Einddatum": last.isoformat(),
            **{name: text for name, text in optional.items() if text},
            "MagWoonstVerlaten": not report.must_stay_home,
            "Afzender": SENDER,
            "Geverifieerd": False,
            "ZiekteverlofZonderBezoldiging": report.unpaid,
        }

    async def _structures(self, person: str, days: tuple[date, date]) -> set[str]:
        """The structures in which a person has an assignment in these days, or else in their school year."""
        if self._settings.structure:
            return {self._settings.structure}
        items = (await self._client.assignments_of(person, year_of(days[0]))).all()
        return {item.hfd for item in items if item.hfd and _runs(item, days)} or {
            item.hfd for item in items if item.hfd
        }

    def _structure(self, found: Sequence[str] | set[str], report: AbsenceReport) -> str:
        """The one structure, or the chosen one. Raises Refused, ChoiceNeeded."""
        structures = sorted(found)
        chosen = report.choices.get(_STRUCTURE, "")
        if chosen in structures:
            return chosen
        if not structures:
            raise refusal(NO_ASSIGNMENT)
        if len(structures) > 1 or chosen:
            sentence = f"{self._client.origin} has several structures of this person; choose one."
            raise ChoiceNeeded(sentence, tuple((name, f"structure {name}") for name in structures), option=_STRUCTURE)
        return structures[0]


def _check_report(report: AbsenceReport) -> None:
    """Refuse what Informat would refuse."""
    if report.code != _ILLNESS:
        raise refusal("BR006B" if report.code else "BR006A")
    if report.last < report.first:
        raise refusal("BR008B")
    if report.last - report.first >= _LONGEST:
        raise refusal(TOO_LONG)
    for text, longest, code in (
        (report.remark, _LONGEST_REMARK, "BR009"),
        (report.doctor, _LONGEST_DOCTOR, "BR010"),
        (report.doctor_phone, _LONGEST_PHONE, "BR011"),
    ):
        if len(text) > longest:
            raise refusal(code)


def _checked_key(key: str, code: str = "BR002") -> str:
    """A GUID as Informat takes it. Raises Refused with `code`."""
    try:
        return str(uuid.UUID(normal_key(key)))
    except ValueError:
        raise refusal(code) from None


def _by_year(first: date, last: date) -> Iterator[tuple[date, date]]:
    """The days divided by school years."""
    while first <= last:
        turn = date(first.year + (first.month >= SEPTEMBER), SEPTEMBER, 1)
        yield first, min(last, turn - _DAY)
        first = turn


def _runs(item: Assignment, days: tuple[date, date]) -> bool:
    return item.begindatum <= days[1] and item.einddatum >= days[0]


def _days(first: date, last: date) -> dict[str, str]:
    return {"from": first.isoformat(), "to": last.isoformat()}
