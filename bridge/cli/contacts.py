"""`roosterbridge contact …`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from bridge.cli.commands import command, group
from bridge.cli.invocation import Invocation
from bridge.cli.written import write_one
from bridge.upstream.writing import CONTACT_KINDS, CONTACT_TYPES

if TYPE_CHECKING:
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
) -> None:
    """Set the number of a kind and type."""
    from bridge.sync.contacts import contact_value, set_contact
    from bridge.upstream.writing import ContactNumber

    if kind not in CONTACT_KINDS:
        raise typer.BadParameter(f"one of {', '.join(CONTACT_KINDS)}", param_hint="--kind")
    if sort not in CONTACT_TYPES:
        raise typer.BadParameter(f"one of {', '.join(CONTACT_TYPES)}", param_hint="--type")

    def shown(sent: Outgoing) -> tuple[object, str]:
        value = contact_value(sent)
        return value, f"{value['id'] or '-'}  {kind} ({sort}): {sent.state}"

    write_one(invocation, "contact set", (user, source), shown, set_contact, ContactNumber(kind, sort, number))


@command(app)
def remove(
    invocation: Invocation,
    user: str,
    source: str,
    contact: str = typer.Argument(..., metavar="ID", help="The id of the number, as `contact set` says it."),
) -> None:
    """Remove a number."""
    from bridge.sync.contacts import remove_contact

    def removed(sent: Outgoing) -> tuple[object, str]:
        return {"id": contact, "state": sent.state}, f"Remove {contact}: {sent.state}"

    write_one(invocation, "contact remove", (user, source), removed, remove_contact, contact)
