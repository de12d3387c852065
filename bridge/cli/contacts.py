"""`roosterbridge contact …`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from bridge.cli.invocation import AS, Invocation, command, group
from bridge.cli.written import end_with, told
from bridge.store.choice import thing_of
from bridge.upstream.writing import CONTACT_KINDS, CONTACT_TYPES

if TYPE_CHECKING:
    from bridge.app import Bridge
    from bridge.store.outbox import Outgoing

app = group("contact", "The numbers under which a school reaches a person.")


@command(app, "set")
def set_number(
    invocation: Invocation,
    user: str,
    source: str,
    number: str = typer.Argument(..., help="The number."),
    kind: str = typer.Option(..., help=f"{' or '.join(CONTACT_KINDS)}."),
    sort: str = typer.Option(..., "--type", metavar="TYPE", help=f"{', '.join(CONTACT_TYPES)}."),
    account: str = AS,
) -> None:
    """Set the number of a kind and type."""
    from bridge.sync.contacts import contact_value, set_contact
    from bridge.upstream.writing import ContactNumber

    if kind not in CONTACT_KINDS:
        raise typer.BadParameter(f"one of {', '.join(CONTACT_KINDS)}", param_hint="--kind")
    if sort not in CONTACT_TYPES:
        raise typer.BadParameter(f"one of {', '.join(CONTACT_TYPES)}", param_hint="--type")

    async def work(bridge: Bridge) -> tuple[Outgoing, list[str]]:
        async with bridge.recorded("contact set", user=user, thing=thing_of(source, account)):
            sent = await set_contact(bridge.desk, user, thing_of(source, account), ContactNumber(kind, sort, number))
        return sent, told(bridge, source, [sent])

    sent, sentences = invocation.run(work)
    value = contact_value(sent)
    invocation.answer(value, f"{value['id'] or '-'}  {kind} ({sort}): {sent.state}")
    end_with([sent], sentences)


@command(app)
def remove(
    invocation: Invocation,
    user: str,
    source: str,
    contact: str = typer.Argument(..., metavar="ID", help="The id of the number, as `contact set` says it."),
    account: str = AS,
) -> None:
    """Remove a number."""
    from bridge.sync.contacts import remove_contact

    async def work(bridge: Bridge) -> tuple[Outgoing, list[str]]:
        async with bridge.recorded("contact remove", user=user, thing=thing_of(source, account)):
            sent = await remove_contact(bridge.desk, user, thing_of(source, account), contact)
        return sent, told(bridge, source, [sent])

    sent, sentences = invocation.run(work)
    invocation.answer({"id": contact, "state": sent.state}, f"Remove {contact}: {sent.state}")
    end_with([sent], sentences)
