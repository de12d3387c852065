"""`roosterbridge absence …`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from bridge.cli.accounts import print_choices
from bridge.cli.commands import command, group
from bridge.cli.invocation import Invocation
from bridge.cli.pairs import parse_pairs
from bridge.cli.table import Table
from bridge.cli.terminal import tell
from bridge.cli.written import write, write_one
from bridge.errors import ChoiceNeeded, ConfigError

if TYPE_CHECKING:
    from bridge.app import Bridge
    from bridge.store.outbox import Outgoing
    from bridge.sync.absences import ListedAbsence
    from bridge.sync.desk import Desk
    from bridge.upstream.writing import Attachment

app = group("absence", "Absences: report them to the school, and withdraw what was reported.")
_ID: Any = typer.Argument(..., metavar="ID", help="The id of the absence, as `absence list` shows it.")


@command(app, "list")
def list_absences(invocation: Invocation, user: str, source: str) -> None:
    """List the absences that the school has, and the reports that it has not taken."""
    from bridge.sync.absences import list_absences as find

    async def work(bridge: Bridge) -> tuple[list[ListedAbsence], str | None]:
        return await find(bridge.desk, user, source)

    absences, warning = invocation.run(work)
    if warning is not None:
        tell(warning)
    rows = [
        (one["id"], one["from"], one["to"], one["state"], one["withdrawal"], one["code"], one["error"])
        for one in absences
    ]
    columns = ("id", "from", "to", "state", "withdrawal", "code", "")
    invocation.answer(absences, Table(columns, rows))


@command(app)
def report(
    invocation: Invocation,
    user: str,
    source: str,
    first: str = typer.Option(..., "--from", metavar="DATE", help="The first day, such as 2026-11-30."),
    last: str = typer.Option(..., "--to", metavar="DATE", help="The last day."),
    code: str = typer.Option("1", help="The school's code of the sort of absence; 1 is illness."),
    remark: str = typer.Option("", help="A remark for the school."),
    doctor: str = typer.Option("", help="The name of the doctor."),
    doctor_phone: str = typer.Option("", help="The phone number of the doctor."),
    must_stay_home: bool = typer.Option(False, "--must-stay-home", help="The doctor forbids leaving the house."),
    unpaid: bool = typer.Option(False, "--unpaid", help="It is unpaid sick leave."),
    corrects: str = typer.Option("", "--id", metavar="ID", help="Correct the report with this id."),
    attachment: list[Path] = typer.Option([], metavar="FILE", help="A certificate, repeatable."),
    option: list[str] = typer.Option([], metavar="KEY=VALUE", help="A choice, such as structure=311; repeatable."),
) -> None:
    """Report an absence to the school."""
    from bridge.sync.absences import absence_value, report_absence
    from bridge.upstream.writing import AbsenceReport, Deed

    reported = AbsenceReport(
        first=_day(first, "--from"),
        last=_day(last, "--to"),
        code=code.strip(),
        remark=remark.strip(),
        doctor=doctor.strip(),
        doctor_phone=doctor_phone.strip(),
        must_stay_home=must_stay_home,
        unpaid=unpaid,
        corrects=corrects.strip(),
        choices=parse_pairs(option),
    )
    files = [_read(path) for path in attachment]

    def said(writes: Sequence[Outgoing]) -> tuple[object, str]:
        values = [absence_value(one) for one in writes if one.write.deed is Deed.REPORT_ABSENCE]
        lines = [f"{value['id']}  {value['from']} to {value['to']}: {value['state']}" for value in values]
        return values[0] if len(values) == 1 else values, "\n".join(lines)

    try:
        write(invocation, "absence report", (user, source), said, report_absence, reported, files)
    except ChoiceNeeded as error:
        print_choices(error)
        raise typer.Exit(1) from None


@command(app)
def withdraw(
    invocation: Invocation,
    user: str,
    source: str,
    absence: str = _ID,
) -> None:
    """Withdraw an absence that was reported."""
    from bridge.sync.absences import withdraw_absence

    async def ask(desk: Desk, user: str, source: str) -> list[Outgoing]:
        withdrawn = await withdraw_absence(desk, user, source, absence)
        return [] if withdrawn is None else [withdrawn]

    def said(writes: Sequence[Outgoing]) -> tuple[object, str]:
        state = writes[0].state.value if writes else "done"
        return {"id": absence, "state": state}, f"Withdraw {absence}: {state}"

    write(invocation, "absence withdraw", (user, source), said, ask)


@command(app)
def attach(
    invocation: Invocation,
    user: str,
    source: str,
    absence: str = _ID,
    file: Path = typer.Argument(..., help="The file, such as a certificate."),
) -> None:
    """Attach a file to an absence that was reported."""
    from bridge.sync.absences import attach as send

    attachment = _read(file)

    write_one(invocation, "absence attach", (user, source), _attachment, send, absence, attachment)


@command(app)
def detach(
    invocation: Invocation,
    user: str,
    source: str,
    absence: str = _ID,
    attachment: str = typer.Argument(..., help="The id of the file, as `absence attach` says it."),
) -> None:
    """Take a file from an absence."""
    from bridge.sync.absences import detach as send

    write_one(invocation, "absence detach", (user, source), _attachment, send, absence, attachment)


def _attachment(sent: Outgoing) -> tuple[object, str]:
    from bridge.sync.absences import attachment_value

    value = attachment_value(sent)
    return value, f"{value['id']}: {value['state']}"


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise typer.BadParameter("a day is written as 2026-11-30", param_hint=option) from None


def _read(path: Path) -> Attachment:
    from bridge.upstream.writing import Attachment

    try:
        return Attachment(str(uuid.uuid4()), path.name, path.read_bytes())
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
