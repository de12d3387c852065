"""Report absences at a school, and withdraw what was reported."""

from collections.abc import Sequence
from datetime import date

from typing_extensions import TypedDict

from bridge.errors import SourceError, UnknownName
from bridge.store.outbox import Outgoing, WriteState
from bridge.sync.desk import Asker, CannotWrite, Desk
from bridge.sync.refusals import sentence_of
from bridge.upstream.writing import Absence, AbsenceReport, Attachment, Deed, ReportsAbsence

AbsenceValue = TypedDict("AbsenceValue", {"id": str, "from": str, "to": str, "state": str})
"""An absence as an object, from its first day up to and including its last."""


class ListedAbsence(AbsenceValue):
    """An absence as it is listed.

    `code` and `error` say why a report was refused, or why there is no answer yet. `withdrawal` is what became of a
    wish to withdraw it.
    """

    code: str | None
    error: str | None
    withdrawal: str | None


class AttachmentValue(TypedDict):
    """A file that was sent for an absence, as an object."""

    id: str
    absence: str
    state: str


async def report_absence(
    desk: Desk, user: str, source: str, report: AbsenceReport, attachments: Sequence[Attachment] = ()
) -> list[Outgoing]:
    """Report an absence of a user at a source, with files. Returns what has come of it so far, the reports first.

    Raises:
        UnknownName, CannotWrite: the account is not there, or cannot do this.
        Refused, ChoiceNeeded: the report would be refused, or something has to be chosen. Nothing is kept.
        SourceError: what has to be known could not be asked. Nothing is kept.
    """
    asker = await desk.asker(user, source)
    source_of = _reporting(asker)
    reports = await source_of.plan_report(asker.account, asker.slot, report)
    files = [
        source_of.plan_attachment(asker.account, one.about["id"], attachment)
        for one in reports
        for attachment in attachments
    ]
    return await desk.take(asker, [*reports, *files])


async def attach(desk: Desk, user: str, source: str, absence_id: str, attachment: Attachment) -> Outgoing:
    """Attach a file to an absence, or replace the one with its id. Returns what has come of it so far.

    Raises:
        UnknownName, CannotWrite, Refused: as `report_absence`.
    """
    asker = await desk.asker(user, source)
    return await desk.take_one(asker, _reporting(asker).plan_attachment(asker.account, absence_id, attachment))


async def detach(desk: Desk, user: str, source: str, absence_id: str, attachment_id: str) -> Outgoing:
    """Take a file from an absence. Returns what has come of it so far. Raises what `attach` raises."""
    asker = await desk.asker(user, source)
    return await desk.take_one(asker, _reporting(asker).plan_detachment(asker.account, absence_id, attachment_id))


async def withdraw_absence(desk: Desk, user: str, source: str, absence_id: str) -> Outgoing | None:
    """Withdraw an absence. Returns what has come of it so far; `None` if its report had not even been sent.

    Raises:
        UnknownName, CannotWrite, Refused: as `report_absence`.
    """
    asker = await desk.asker(user, source)
    reports = _reporting(asker)
    reported = [
        one
        for one in await desk.store.outbox.of_account(asker.stored.id)
        if one.write.deed is Deed.REPORT_ABSENCE and one.write.about["id"] == absence_id
    ]
    first = reported[0] if len(reported) == 1 and not reported[0].write.corrects else None
    if first is not None and await desk.store.outbox.cancel(asker.stored, first):
        desk.saved()
        return None
    days = reported[-1].write.about if reported else None
    absence = (
        Absence(absence_id, date.fromisoformat(days["from"]), date.fromisoformat(days["to"]))
        if days is not None
        else await _known(asker, reports, absence_id)
    )
    return await desk.take_one(asker, reports.plan_withdrawal(asker.account, absence))


async def list_absences(desk: Desk, user: str, source: str) -> tuple[list[ListedAbsence], str | None]:
    """The absences of a user as the school has them, and the reports that it has not taken.

    Returns them with a sentence if the school could not be asked: then only the reports are listed.

    Raises:
        UnknownName, CannotWrite: as `report_absence`.
    """
    asker = await desk.asker(user, source)
    warning = None
    try:
        known = await _reporting(asker).absences(asker.account, asker.slot)
    except SourceError as error:
        known, warning = (), error.sentence
    outbox = await desk.store.outbox.of_account(asker.stored.id)
    withdrawn = {one.write.about["id"]: one.state for one in outbox if one.write.deed is Deed.WITHDRAW_ABSENCE}
    there = {absence.id for absence in known}
    listed = [
        ListedAbsence(
            {
                "id": absence.id,
                "from": absence.first.isoformat(),
                "to": absence.last.isoformat(),
                "state": WriteState.DONE,
                "code": None,
                "error": None,
                "withdrawal": withdrawn.get(absence.id),
            }
        )
        for absence in known
    ]
    reports = [one for one in outbox if one.write.deed is Deed.REPORT_ABSENCE and one.write.about["id"] not in there]
    hidden = () if warning else (WriteState.DONE,)
    listed += [
        ListedAbsence(
            {
                **absence_value(one),
                "code": one.code,
                "error": sentence_of(asker.at, one, "en"),
                "withdrawal": withdrawn.get(one.write.about["id"]),
            }
        )
        for one in reports
        if one.state not in hidden and withdrawn.get(one.write.about["id"]) is not WriteState.DONE
    ]
    return sorted(listed, key=lambda absence: (absence["from"], absence["id"])), warning


def absence_value(outgoing: Outgoing) -> AbsenceValue:
    """A report as an object."""
    about = outgoing.write.about
    return {"id": about["id"], "from": about["from"], "to": about["to"], "state": outgoing.state}


def attachment_value(outgoing: Outgoing) -> AttachmentValue:
    """A file as an object."""
    about = outgoing.write.about
    return {"id": about["attachment"], "absence": about["id"], "state": outgoing.state}


def _reporting(asker: Asker) -> ReportsAbsence:
    if not isinstance(asker.at.source, ReportsAbsence):
        raise CannotWrite(f"Absences cannot be reported to {asker.at.title}.")
    return asker.at.source


async def _known(asker: Asker, reports: ReportsAbsence, absence_id: str) -> Absence:
    known = await reports.absences(asker.account, asker.slot)
    found = next((absence for absence in known if absence.id == absence_id.strip().lower()), None)
    if found is None:
        raise UnknownName(f"{asker.at.title} has no absence with this id.")
    return found
