"""Load the kept events that an answer is about."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from bridge.model.event import Part
from bridge.model.tracked import uid_of
from bridge.store.account import StoredAccount
from bridge.store.events import EventStore, KeptEvents
from bridge.sync.snapshot import Delivered


async def events_of_answer(
    events: EventStore, account: StoredAccount, part: Part, delivered: Delivered, *, person: str, now: datetime
) -> KeptEvents:
    """The events of `part` in the days of an answer, those with its identities, and those that have expired by `now`.

    `reconcile` gives the same result for them as for all events of the part.
    """
    covered = (delivered.window,) if delivered.covered is None else delivered.covered
    kept = await events.near(account, part, covered, delivered.window, now)
    known = {(entry.event.kind, entry.event.identity) for entry in kept.entries}
    new = [event for event in delivered.events if (event.kind, event.identity) not in known]
    if not new or not kept.more:
        return kept
    uids = {uid_of(account.source, person, event) for event in new}
    names = {event.identity for event in new}.union(*delivered.also.values())
    return await events.named(account, part, kept, names, uids)


def without_reported(kept: KeptEvents, delivered: Delivered, unanswered: Collection[str]) -> KeptEvents:
    """`kept`, without the events of what was reported, has no answer yet, and is not in what was delivered.

    That the upstream lacks them says nothing: it may not have been told.
    """
    there = {event.identity for event in delivered.events}.union(*delivered.also.values())
    waiting = [
        entry
        for entry in kept.entries
        if entry.event.reported and entry.event.identity in unanswered and entry.event.identity not in there
    ]
    return replace(
        kept,
        entries=tuple(entry for entry in kept.entries if entry not in waiting),
        taken=kept.taken.union(entry.uid for entry in waiting),
    )
