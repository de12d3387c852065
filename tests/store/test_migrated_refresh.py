"""An installation of an earlier version, after its storage was opened and refreshed by this one."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, delete, update

from bridge.model.event import Part
from bridge.model.tracked import TrackedEvent
from bridge.store.schema import accounts, credentials
from tests.conftest import OpenSchool, School, SettableClock, slow
from tests.store.earlier import Earlier, earlier
from tests.store.test_earlier_versions import events_of

LEAST = 150
NUMBERED = {"somtoday"}
"""The stand-ins that number what they tell otherwise than in that version."""
Found = dict[tuple[int, Part], dict[str, TrackedEvent]]


@pytest.fixture(
    params=[pytest.param("0001", marks=slow("the oldest storage, upgraded and read again from all schools")), "0002"]
)
def filled(request: pytest.FixtureRequest, clock: SettableClock) -> Earlier:
    found = earlier(request.param)
    clock.now = found.now
    return found


@pytest.fixture
async def storage_url(filled: Earlier, empty_url: str) -> str:
    """The storage of an earlier version."""
    await filled.fill(empty_url)
    return empty_url


async def refreshed(school: School) -> Found:
    """Log everybody in again, since the stand-ins know no token of then, and read all that their schools say."""
    await school.bridge.store.database.write(_log_out)
    for name, stand_in in school.stand_ins.items():
        for person in stand_in.people:
            await school.add(person.user, name)
    await school.refresh(accept=True)
    return await events_of(school.bridge.store)


def _log_out(connection: Connection) -> None:
    connection.execute(update(accounts).values(credential_id=None))
    connection.execute(delete(credentials))


def told(entry: TrackedEvent) -> tuple[object, ...]:
    """What makes people take two events for one; where the stand-in has numbered anew, what the school does."""
    event = entry.event
    numbered = event.identity if entry.source in NUMBERED else ""
    return event.kind, event.when, event.subject or event.title, numbered


def ghosts(before: Found, after: Found) -> Iterator[TrackedEvent]:
    """What is said to be cancelled since, while a new event stands in its place."""
    for part, entries in after.items():
        known = before.get(part, {})
        new = {told(entry) for uid, entry in entries.items() if uid not in known and entry.vanished is None}
        for uid, entry in entries.items():
            if entry.vanished is not None and uid in known and known[uid].vanished is None and told(entry) in new:
                yield entry


def interruptions(found: Found) -> set[str]:
    """The UIDs of absences and substitutions that hold: their schools say all of them still, under ids of their own."""
    theirs = (entries for (_, part), entries in found.items() if part is Part.INTERRUPTIONS)
    return {uid for entries in theirs for uid, entry in entries.items() if entry.vanished is None}


async def test_no_event_that_is_still_told_changes_its_uid_or_leaves_a_ghost(
    open_school: OpenSchool, filled: Earlier
) -> None:
    before = filled.events()
    async with open_school() as school:
        after = await refreshed(school)
        assert list(ghosts(before, after)) == []
        assert interruptions(before)
        assert interruptions(before) <= interruptions(after)
        same = 0
        for part, entries in after.items():
            uids = {(entry.event.kind, entry.event.identity): uid for uid, entry in before.get(part, {}).items()}
            for uid, entry in entries.items():
                key = entry.event.kind, entry.event.identity
                if entry.vanished is None and key in uids:
                    assert uid == uids[key], key
                    same += 1
        assert same > LEAST
