"""`roosterbridge checkin …`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from bridge.cli.commands import command, group
from bridge.cli.invocation import Invocation
from bridge.cli.written import write_one

if TYPE_CHECKING:
    from bridge.store.outbox import Outgoing

app = group("checkin", "Check-ins: say how a day was.")


@command(app)
def daily(
    invocation: Invocation,
    user: str,
    source: str,
    hours: float = typer.Option(..., help="The hours worked today."),
    mood: int | None = typer.Option(None, min=1, max=10, help="From 1, bad, to 10, very good."),
    mood_description: str = typer.Option("", help="The mood in a word."),
    comment: str = typer.Option("", help="A comment."),
) -> None:
    """Check in for today, also in the place of an earlier check-in."""
    from bridge.sync.checkins import check_in
    from bridge.upstream.writing import DailyCheckIn

    today = DailyCheckIn(hours, mood, mood_description.strip(), comment.strip())
    write_one(invocation, "checkin daily", (user, source), _said, check_in, today)


@command(app)
def withdraw(invocation: Invocation, user: str, source: str) -> None:
    """Withdraw the check-in of today."""
    from bridge.sync.checkins import withdraw_check_in

    write_one(invocation, "checkin withdraw", (user, source), _said, withdraw_check_in)


def _said(sent: Outgoing) -> tuple[object, str]:
    from bridge.sync.checkins import check_in_value

    value = check_in_value(sent)
    return value, f"{value['day']}: {value['state']}"
