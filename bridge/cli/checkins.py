"""`roosterbridge checkin …`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import typer

from bridge.cli.invocation import AS, Invocation, command, group
from bridge.cli.written import end_with, told
from bridge.store.choice import thing_of

if TYPE_CHECKING:
    from bridge.app import Bridge
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
    account: str = AS,
) -> None:
    """Check in for today, also in the place of an earlier check-in."""
    from bridge.sync.checkins import check_in
    from bridge.upstream.writing import DailyCheckIn

    today = DailyCheckIn(hours, mood, mood_description.strip(), comment.strip())
    _send(
        invocation,
        "checkin daily",
        user,
        source,
        account,
        lambda bridge: check_in(bridge.desk, user, thing_of(source, account), today),
    )


@command(app)
def withdraw(
    invocation: Invocation,
    user: str,
    source: str,
    account: str = AS,
) -> None:
    """Withdraw the check-in of today."""
    from bridge.sync.checkins import withdraw_check_in

    _send(
        invocation,
        "checkin withdraw",
        user,
        source,
        account,
        lambda bridge: withdraw_check_in(bridge.desk, user, thing_of(source, account)),
    )


def _send(
    invocation: Invocation,
    action: str,
    user: str,
    source: str,
    account: str,
    send: Callable[[Bridge], Awaitable[Outgoing]],
) -> None:
    from bridge.sync.checkins import check_in_value

    async def work(bridge: Bridge) -> tuple[Outgoing, list[str]]:
        async with bridge.recorded(action, user=user, thing=thing_of(source, account)):
            sent = await send(bridge)
        await bridge.publisher.publish_wanted()
        return sent, told(bridge, source, [sent])

    sent, sentences = invocation.run(work)
    value = check_in_value(sent)
    invocation.answer(value, f"{value['day']}: {value['state']}")
    end_with([sent], sentences)
