"""One absence is one event, whatever of it is corrected, and whatever an earlier version called it."""

from dataclasses import replace
from datetime import date, timedelta

from msgspec import structs

from bridge.model.event import Kind, Part
from bridge.model.tracked import TrackedEvent, uid_of
from bridge.sources.informat.standin.answers import interruption_answer
from bridge.sources.informat.standin.institute import WOUTERS
from bridge.sources.informat.standin.server import InformatServer
from bridge.store.account import State
from bridge.store.jobs import PartChange, Standing
from bridge.store.parts import KnownAnswer
from bridge.upstream.standin import StandIn
from tests.conftest import OpenSchool, School
from tests.saving import save_refresh
from tests.sources.informat.answers import days

AN_HOUR = timedelta(hours=1)
FIRST_DAY = "2026-11-19"


async def absences(school: School) -> list[TrackedEvent]:
    (account,) = await school.bridge.store.accounts.all()
    found = await school.bridge.store.events.of_part(account.id, Part.INTERRUPTIONS)
    return sorted(found, key=lambda entry: (str(entry.event.when), entry.created))


async def make_earlier(school: School, *names: str) -> list[TrackedEvent]:
    """Store the one absence as an earlier version would: once under each of these names, the first the oldest."""
    (account,) = await school.bridge.store.accounts.all()
    (entry,) = await absences(school)
    earlier = []
    for number, name in enumerate(names):
        event = structs.replace(entry.event, identity=name)
        created = entry.created + number * AN_HOUR
        uid = uid_of(account.source, account.person or "", event)
        earlier.append(structs.replace(entry, uid=uid, event=event, created=created, modified=created))
    job = await school.bridge.store.jobs.get(account.id)
    assert job is not None
    known = replace(
        job.known[Part.INTERRUPTIONS],
        answers={"": KnownAnswer("of an earlier version", school.clock(), "its choice")},
    )
    change = PartChange(Part.INTERRUPTIONS, known, added=tuple(earlier), removed={entry.uid})
    await save_refresh(
        school.bridge.store, account, [change], Standing(State.OK, 0, school.clock(), None, school.clock())
    )
    return earlier


def correct(standin: InformatServer, **changes: str) -> None:
    """Let the secretariat correct the illness."""
    (at,) = [number for number, item in enumerate(standin.institute.interruptions) if _is_the_illness(item)]
    standin.institute.interruptions[at] = standin.institute.interruptions[at] | changes


def _is_the_illness(item: dict[str, str]) -> bool:
    return item["personId"].strip() == WOUTERS.key


async def test_a_leave_whose_first_day_is_corrected_is_the_same_event_changed(
    open_school: OpenSchool, standin: InformatServer, stand_in: StandIn
) -> None:
    async with open_school({"school": stand_in}) as school:
        await school.add("wouters", "school")
        await school.refresh()
        (was,) = await absences(school)
        for day in ("2026-11-23", "2026-11-26"):
            correct(standin, begindatum=f"{day}T00:00:00", code="7", omschrijving="Verlof")
            await school.refresh()
            (entry,) = await absences(school)
            assert (entry.uid, entry.vanished, entry.event.when) == (was.uid, None, days(day, "2026-12-03"))
        await school.feed("wouters")
        assert "Vervalt" not in await school.ics("wouters")


async def test_what_an_earlier_version_stored_keeps_its_uid(
    open_school: OpenSchool, standin: InformatServer, stand_in: StandIn
) -> None:
    async with open_school({"school": stand_in}) as school:
        await school.add("wouters", "school")
        await school.refresh()
        (now,) = await absences(school)
        (was,) = await make_earlier(school, f"{FIRST_DAY} 1")
        await school.refresh()
        assert await absences(school) == [structs.replace(was, event=now.event)]
        (was,) = await make_earlier(school, f"{FIRST_DAY} 1")
        correct(standin, einddatum="2026-12-10T00:00:00", staking="VM")
        await school.refresh()
        (entry,) = await absences(school)
        assert (entry.uid, entry.vanished, entry.event.when) == (was.uid, None, days(FIRST_DAY, "2026-12-10"))


async def test_of_what_an_earlier_version_stored_twice_the_older_stays(
    open_school: OpenSchool, stand_in: StandIn
) -> None:
    async with open_school({"school": stand_in}) as school:
        await school.add("wouters", "school")
        await school.refresh()
        older, _ = await make_earlier(school, f"{FIRST_DAY} 1 hours 3", f"{FIRST_DAY} 1")
        await school.refresh()
        (entry,) = await absences(school)
        assert (entry.uid, entry.vanished) == (older.uid, None)


async def test_what_an_earlier_version_stored_and_nobody_has_any_more_leaves_no_ghost(
    open_school: OpenSchool, standin: InformatServer, stand_in: StandIn
) -> None:
    async with open_school({"school": stand_in}) as school:
        await school.add("wouters", "school")
        await school.feed("wouters")
        await school.refresh()
        await make_earlier(school, f"{FIRST_DAY} 1")
        correct(standin, begindatum="2026-11-23T00:00:00")
        await school.refresh()
        (entry,) = await absences(school)
        assert entry.event.when == days("2026-11-23", "2026-12-03")
        assert "Vervalt" not in await school.ics("wouters")


async def test_one_that_cannot_be_read_keeps_its_event_and_stops_no_other(
    open_school: OpenSchool, standin: InformatServer, stand_in: StandIn
) -> None:
    async with open_school({"school": stand_in}) as school:
        await school.add("wouters", "school")
        stand_in.controls["fall-ill"]()
        leave = interruption_answer("d7", WOUTERS, "311", date(2027, 1, 4), date(2027, 1, 5))
        standin.institute.interruptions.append(leave)
        await school.refresh()
        odd, gone, other = await absences(school)
        standin.institute.interruptions = [
            item | {"begindatum": "2026-13-01"} if item["doId"].lower() == odd.event.identity else item
            for item in standin.institute.interruptions
            if item["doId"].lower() != gone.event.identity
        ]
        rows = {row.part: row for row in await school.refresh()}
        assert rows[Part.INTERRUPTIONS].error == "1 item could not be read and was left out."
        same, ghost, kept = await absences(school)
        assert (same, kept) == (odd, other)
        assert (ghost.uid, ghost.vanished is not None) == (gone.uid, True)


async def test_a_key_that_goes_and_one_that_comes_first_leave_the_same_event(
    open_school: OpenSchool, standin: InformatServer, stand_in: StandIn
) -> None:
    async with open_school({"school": stand_in}) as school:
        await school.add("wouters", "school")
        await school.refresh()
        (was,) = await absences(school)
        own = next(filter(_is_the_illness, standin.institute.interruptions))
        double = own | {"doId": "00000000-0000-4000-8000-000000000000", "hfd": "211"}
        for records in ([own, double], [double], [own]):
            standin.institute.interruptions = records
            await school.refresh()
            (entry,) = await absences(school)
            assert (entry.uid, entry.event.when) == (was.uid, was.event.when), "who covers it is known by key"


async def test_a_substitution_whose_first_day_is_corrected_is_the_same_event_changed(
    open_school: OpenSchool, standin: InformatServer, stand_in: StandIn
) -> None:
    async with open_school({"school": stand_in}) as school:
        await school.add("claes", "school")
        await school.refresh()
        (was,) = await substitutions(school)
        correct(standin, begindatum="2026-11-23T00:00:00")
        await school.refresh()
        (entry,) = await substitutions(school)
        assert (entry.uid, entry.vanished) == (was.uid, None)
        assert entry.event.when != was.event.when


async def test_a_substitution_that_an_earlier_version_stored_keeps_its_uid(
    open_school: OpenSchool, stand_in: StandIn
) -> None:
    async with open_school({"school": stand_in}) as school:
        await school.add("claes", "school")
        await school.refresh()
        (account,) = await school.bridge.store.accounts.all()
        (entry,) = await substitutions(school)
        event = structs.replace(entry.event, identity=f"{WOUTERS.key} {entry.event.when.start}")
        earlier = structs.replace(entry, uid=uid_of(account.source, account.person or "", event), event=event)
        job = await school.bridge.store.jobs.get(account.id)
        assert job is not None
        known = replace(job.known[Part.ASSIGNMENTS], answers={"": KnownAnswer("of an earlier version", school.clock())})
        change = PartChange(Part.ASSIGNMENTS, known, added=(earlier,), removed={entry.uid})
        standing = Standing(State.OK, 0, school.clock(), None, school.clock())
        await save_refresh(school.bridge.store, account, [change], standing)
        await school.refresh()
        (after,) = await substitutions(school)
        assert (after.uid, after.vanished, after.event) == (earlier.uid, None, entry.event)


async def substitutions(school: School) -> list[TrackedEvent]:
    (account,) = await school.bridge.store.accounts.all()
    found = await school.bridge.store.events.of_part(account.id, Part.ASSIGNMENTS)
    return [entry for entry in found if entry.event.kind is Kind.SUBSTITUTION]
