"""Choosing which timetables make up one's own."""

from collections.abc import AsyncIterator

import pytest

from bridge.errors import Refused
from bridge.sources.mytimetable.standin.server import stand_in
from bridge.store.outbox import WriteState
from bridge.sync.timetables import (
    add_timetable,
    choose_options,
    list_timetables,
    remove_timetable,
    search_timetables,
)
from tests.conftest import OpenSchool, School, SettableClock
from tests.faults import saying


@pytest.fixture
async def university(open_school: OpenSchool, clock: SettableClock) -> AsyncIterator[School]:
    """A university with a student, one with an access token, and their feeds."""
    async with open_school({"uva": stand_in(clock)}) as opened:
        for student in ("noor", "thijs"):
            await opened.add(student, "uva")
        await opened.add("zaal", "uva")
        await opened.refresh()
        for student in ("noor", "thijs"):
            await opened.feed(student)
        yield opened


async def lessons(university: School, student: str) -> int:
    return (await university.ics(student)).count("BEGIN:VEVENT")


async def test_a_group_is_chosen_and_the_calendar_changes_and_back(university: School) -> None:
    desk = university.bridge.desk
    before = await lessons(university, "noor")
    one = next(one for one in await list_timetables(desk, "noor", "uva") if len(one.options) > 1)
    assert all(option.chosen for option in one.options)
    chosen = await choose_options(desk, "noor", "uva", one.key, [one.options[0].id])
    assert chosen.state is WriteState.DONE
    await university.refresh()
    assert 0 < await lessons(university, "noor") < before
    await choose_options(desk, "noor", "uva", one.key, [])
    await university.refresh()
    assert await lessons(university, "noor") == before


@pytest.mark.parametrize("student", ["noor", "thijs"])  # by the token of the university, and by one's own
async def test_what_is_chosen_shows_at_once(university: School, student: str) -> None:
    desk = university.bridge.desk
    one = next(one for one in await list_timetables(desk, student, "uva") if len(one.options) > 1)
    await choose_options(desk, student, "uva", one.key, [one.options[0].id])
    again = next(other for other in await list_timetables(desk, student, "uva") if other.key == one.key)
    assert [option.chosen for option in again.options] == [True, *[False] * (len(one.options) - 1)]


async def test_a_timetable_is_found_followed_and_left_again(university: School) -> None:
    desk = university.bridge.desk
    before = await lessons(university, "noor")
    followed = await list_timetables(desk, "noor", "uva")
    one = next(one for one in followed if one.options)
    assert (await remove_timetable(desk, "noor", "uva", one.key)).state is WriteState.DONE
    await university.refresh()
    assert await lessons(university, "noor") < before
    assert one.key in {found.key for found in await search_timetables(desk, "noor", "uva", one.name)}
    for _ in range(2):  # what is followed already stays followed
        assert (await add_timetable(desk, "noor", "uva", one.key)).state is WriteState.DONE
    await university.refresh()
    assert await lessons(university, "noor") == before
    assert len(await list_timetables(desk, "noor", "uva")) == len(followed)


async def test_what_belongs_to_the_person_is_switched_off_and_on_again(university: School) -> None:
    desk = university.bridge.desk
    own = next(one for one in await list_timetables(desk, "noor", "uva") if one.name == "Iedereen")
    for change, enabled in ((remove_timetable, False), (add_timetable, True)):
        assert (await change(desk, "noor", "uva", own.key)).state is WriteState.DONE
        now = next(one for one in await list_timetables(desk, "noor", "uva") if one.key == own.key)
        assert now.enabled is enabled


async def test_of_a_timetable_below_another_the_options_are_its_own(university: School) -> None:
    desk = university.bridge.desk
    found = [(student, one) for student in ("noor", "thijs") for one in await list_timetables(desk, student, "uva")]
    below = next(((student, one) for student, one in found if "/" in one.key and one.options), None)
    if below is None:
        pytest.skip("nobody follows one below another")
    student, one = below
    assert (await choose_options(desk, student, "uva", one.key, [one.options[0].id])).state is WriteState.DONE
    now = next(other for other in await list_timetables(desk, student, "uva") if other.key == one.key)
    assert [option.chosen for option in now.options].count(True) == 1


async def test_what_the_university_does_not_take_is_told(university: School) -> None:
    desk = university.bridge.desk
    unknown = await add_timetable(desk, "noor", "uva", "2026!module!NOTHING")
    assert (unknown.state, unknown.code) == (WriteState.REFUSED, "404")
    one = next(one for one in await list_timetables(desk, "noor", "uva") if one.options)
    wrong = await choose_options(desk, "noor", "uva", one.key, ["no option"])
    assert (wrong.state, wrong.code) == (WriteState.REFUSED, "400")
    with pytest.raises(Refused, match="single timetables"):
        await add_timetable(desk, "zaal", "uva", one.key)
    faults = university.stand_ins["uva"].faults
    faults["PUT /api/v0/subscriptions/{key}/options"] = saying(403)
    forbidden = await choose_options(desk, "noor", "uva", one.key, [one.options[0].id])
    assert (forbidden.state, forbidden.code) == (WriteState.REFUSED, "403")


@pytest.mark.parametrize("key", ["..", "../../users", "2026!module!A/..", ".", "", "/"])
async def test_what_would_lead_to_another_address_of_the_university_is_not_asked(university: School, key: str) -> None:
    desk, asked = university.bridge.desk, university.stand_ins["uva"].requests
    before = asked.total()
    for change in (add_timetable, remove_timetable):
        with pytest.raises(Refused, match="does not know this choice"):
            await change(desk, "noor", "uva", key)
    with pytest.raises(Refused, match="does not know this choice"):
        await choose_options(desk, "noor", "uva", key, ["1"])
    assert asked.total() == before


async def test_a_change_that_is_answered_wrongly_for_a_day_holds_up_no_other(university: School) -> None:
    desk, faults = university.bridge.desk, university.stand_ins["uva"].faults
    one = next(one for one in await list_timetables(desk, "noor", "uva") if len(one.options) > 1)
    asker = await desk.asker("noor", "uva")
    faults["PUT /api/v0/subscriptions/{key}/options"] = saying(405)
    first = await choose_options(desk, "noor", "uva", one.key, [one.options[0].id])
    second = await choose_options(desk, "noor", "uva", one.key, [])
    assert (first.state, second.state) == (WriteState.SENT, WriteState.WAITING)
    for hours, state in ((23, WriteState.SENT), (2, WriteState.UNKNOWN)):
        university.clock.forward(hours=hours)
        await desk.send(asker)
        assert (await desk.store.outbox.of_account(asker.stored.id))[0].state is state
    faults.clear()
    university.clock.forward(minutes=10)
    await desk.send(asker)
    assert {one.state for one in await desk.store.outbox.of_account(asker.stored.id)} == {
        WriteState.UNKNOWN,
        WriteState.DONE,
    }
