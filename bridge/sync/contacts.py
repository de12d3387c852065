"""The numbers under which a school reaches a person."""

from typing_extensions import TypedDict

from bridge.store.outbox import Outgoing
from bridge.sync.desk import Asker, CannotWrite, Desk
from bridge.upstream.writing import ContactNumber, KeepsContacts


class ContactValue(TypedDict):
    """A number as an object. `id` is null until the school has answered."""

    id: str | None
    kind: str
    type: str
    number: str


async def set_contact(desk: Desk, user: str, source: str, contact: ContactNumber) -> Outgoing:
    """Set the number of a kind and type. Returns what has come of it so far.

    Raises:
        UnknownName, CannotWrite: the account is not there, or cannot do this.
        Refused: it would be refused. Nothing is kept.
    """
    asker = await desk.asker(user, source)
    return await desk.take_one(asker, _keeping(asker).plan_contact(asker.account, contact))


async def remove_contact(desk: Desk, user: str, source: str, contact_id: str) -> Outgoing:
    """Remove a number. Returns what has come of it so far. Raises what `set_contact` raises."""
    asker = await desk.asker(user, source)
    return await desk.take_one(asker, _keeping(asker).plan_contact_removal(asker.account, contact_id))


def contact_value(outgoing: Outgoing) -> ContactValue:
    """A number as an object."""
    about = outgoing.write.about
    return {"id": about.get("id"), "kind": about["kind"], "type": about["type"], "number": about["number"]}


def _keeping(asker: Asker) -> KeepsContacts:
    if not isinstance(asker.at.source, KeepsContacts):
        raise CannotWrite(f"{asker.at.title} takes no numbers.")
    return asker.at.source
