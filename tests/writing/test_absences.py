"""Reporting sick, and what shows of it."""

import re

import pytest
from aiohttp import web

from bridge.errors import ChoiceNeeded, Refused
from bridge.people.accounts import Wanted, add_account
from bridge.sources.informat.standin.institute import PEETERS
from bridge.sources.informat.standin.server import InformatServer
from bridge.store.outbox import WriteState
from bridge.sync.absences import list_absences, report_absence, withdraw_absence
from bridge.upstream.standin import StandIn
from tests.conftest import School, SettableClock
from tests.faults import as_usual, saying
from tests.writing.conftest import ill

_PUT = "PUT /employees/{personId}/interruptions/{id}"


def events(ics: str, day: str = "20261123") -> list[dict[str, str]]:
    """The events of a calendar that begin on a day, as properties by name."""
    found = []
    for block in re.findall(r"BEGIN:VEVENT\r\n(.*?)END:VEVENT", ics, re.DOTALL):
        lines = (line.partition(":") for line in block.splitlines())
        event = {name.partition(";")[0]: value for name, _, value in lines}
        if event["DTSTART"].startswith(day):
            found.append(event)
    return found


async def test_a_report_shows_at_once_as_reported_and_then_as_the_school_has_it_under_one_uid(
    school: School, informat: InformatServer, stand_in: StandIn
) -> None:
    desk = school.bridge.desk
    stand_in.faults[_PUT] = saying(503)
    [report] = await report_absence(desk, "peeters", "sintjan", ill(remark="Griep"))
    assert report.state is WriteState.SENT
    await school.bridge.publisher.publish_wanted()
    [shown] = events(await school.ics("peeters"))
    assert shown["SUMMARY"] == "Afwezig (gemeld)"

    await school.refresh()  # the school knows nothing of it yet
    assert events(await school.ics("peeters")) == [shown]

    del stand_in.faults[_PUT]
    school.clock.forward(minutes=1)
    account = await desk.asker("peeters", "sintjan")
    await desk.send(account)
    assert [(key, record.body["opmerking"]) for key, record in informat.records.written.items()] == [
        (report.write.about["id"], "Griep")
    ]
    await school.refresh()
    [known] = events(await school.ics("peeters"))
    assert (known["UID"], known["SUMMARY"]) == (shown["UID"], "Afwezig")
    assert int(known["SEQUENCE"]) > int(shown["SEQUENCE"])


async def test_what_is_withdrawn_is_gone(school: School, informat: InformatServer) -> None:
    desk = school.bridge.desk
    [report] = await report_absence(desk, "peeters", "sintjan", ill())
    assert report.state is WriteState.DONE
    await school.refresh()
    listed, _ = await list_absences(desk, "peeters", "sintjan")
    assert {"id": report.write.about["id"], "from": "2026-11-23", "to": "2026-11-24", "state": "done"}.items() <= next(
        one for one in listed if one["from"] == "2026-11-23"
    ).items()
    withdrawal = await withdraw_absence(desk, "peeters", "sintjan", report.write.about["id"])
    assert withdrawal is not None
    assert withdrawal.state is WriteState.DONE
    await school.bridge.publisher.publish_wanted()
    assert events(await school.ics("peeters")) == []
    assert informat.records.written == {}
    await school.refresh()
    assert events(await school.ics("peeters")) == []
    listed, _ = await list_absences(desk, "peeters", "sintjan")
    assert not [one for one in listed if one["from"] == "2026-11-23"]


async def test_what_was_never_sent_is_withdrawn_without_a_word_to_the_school(school: School, stand_in: StandIn) -> None:
    desk = school.bridge.desk
    stand_in.faults["/connect/token"] = stand_in.faults[_PUT] = saying(401)
    [report] = await report_absence(desk, "peeters", "sintjan", ill())
    assert report.state is WriteState.WAITING
    assert await withdraw_absence(desk, "peeters", "sintjan", report.write.about["id"]) is None
    await school.bridge.publisher.publish_wanted()
    assert events(await school.ics("peeters")) == []


async def test_a_refused_report_does_not_show_and_says_why(school: School, informat: InformatServer) -> None:
    desk = school.bridge.desk
    await report_absence(desk, "peeters", "sintjan", ill())
    [report] = await report_absence(desk, "peeters", "sintjan", ill("2026-11-24", "2026-11-25"))
    assert (report.state, report.code) == (WriteState.REFUSED, "MNA005")
    await school.bridge.publisher.publish_wanted()
    assert len(informat.records.written) == 1
    assert events(await school.ics("peeters"), "20261124") == []


@pytest.mark.parametrize("answered", [False, True])
async def test_a_lost_answer_is_asked_for_again_and_leaves_one_interruption(
    school: School, informat: InformatServer, stand_in: StandIn, answered: bool
) -> None:
    async def lose(request: web.Request) -> web.StreamResponse:
        if answered:
            await as_usual(request)
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    desk = school.bridge.desk
    stand_in.faults[_PUT] = lose
    [report] = await report_absence(desk, "peeters", "sintjan", ill())
    assert report.state is WriteState.SENT
    del stand_in.faults[_PUT]
    school.clock.forward(minutes=1)
    await desk.send(await desk.asker("peeters", "sintjan"))
    assert list(informat.records.written) == [report.write.about["id"]]
    [settled] = await desk.store.outbox.of_account((await desk.asker("peeters", "sintjan")).stored.id)
    assert settled.state is WriteState.DONE


async def test_a_report_that_was_kept_twice_with_one_key_is_one(school: School, informat: InformatServer) -> None:
    desk = school.bridge.desk
    for _ in range(2):
        [report] = await report_absence(desk, "peeters", "sintjan", ill(key="once"))
        assert report.state is WriteState.DONE
    assert len(informat.records.written) == 1


async def test_a_leave_over_the_turn_of_the_school_year_becomes_two(school: School, informat: InformatServer) -> None:
    reports = await report_absence(school.bridge.desk, "peeters", "sintjan", ill("2027-08-30", "2027-09-02"))
    assert [(one.write.about["from"], one.write.about["to"], one.state) for one in reports] == [
        ("2027-08-30", "2027-08-31", WriteState.DONE),
        ("2027-09-01", "2027-09-02", WriteState.DONE),
    ]
    bodies = [record.body for record in informat.records.written.values()]
    assert [(body["schooljaar"], body["hfd"]) for body in bodies] == [("2026-27", "311"), ("2027-28", "311")]


async def test_who_has_several_structures_chooses_one(school: School, informat: InformatServer) -> None:
    sample = next(one for one in informat.institute.employees if one.last == "El Amrani")
    bridge = school.bridge
    await bridge.store.users.add("karim", "Karim", school.clock())
    await add_account(bridge.store, bridge.sources["sintjan"], Wanted("karim", identity=sample.key), school.clock)
    with pytest.raises(ChoiceNeeded) as needed:
        await report_absence(bridge.desk, "karim", "sintjan", ill("2026-12-07", "2026-12-08"))
    assert [value for value, _ in needed.value.choices] == ["111", "211"]
    chosen = ill("2026-12-07", "2026-12-08", choices={"structure": "211"})
    [report] = await report_absence(bridge.desk, "karim", "sintjan", chosen)
    assert report.state is WriteState.DONE
    [record] = informat.records.written.values()
    assert record.body["hfd"] == "211"


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (ill("2026-11-24", "2026-11-23"), "BR008B"),
        (ill(code="2"), "BR006B"),
        (ill(remark="x" * 501), "BR009"),
        (ill(doctor="x" * 76), "BR010"),
        (ill(doctor_phone="1" * 21), "BR011"),
        (ill(corrects="12"), "BR002"),
    ],
)
async def test_what_would_be_refused_is_neither_kept_nor_sent(school: School, report: object, code: str) -> None:
    with pytest.raises(Refused) as refused:
        await report_absence(school.bridge.desk, "peeters", "sintjan", report)  # type: ignore[arg-type] # as made above
    assert refused.value.code == code
    asker = await school.bridge.desk.asker("peeters", "sintjan")
    assert await school.bridge.store.outbox.of_account(asker.stored.id) == []


async def test_what_was_sent_is_kept_for_thirty_days_after_its_answer(school: School, clock: SettableClock) -> None:
    bridge = school.bridge
    await report_absence(bridge.desk, "peeters", "sintjan", ill())
    account = await bridge.store.accounts.find("peeters", "sintjan")
    for days, kept in ((29, 1), (2, 0)):
        clock.forward(days=days)
        await bridge.sweeper.sweep()
        assert len(await bridge.store.outbox.of_account(account.id)) == kept


async def test_a_year_in_which_nobody_has_an_assignment_yet_is_not_reported(school: School) -> None:
    with pytest.raises(Refused, match="no assignment at this school"):
        await report_absence(school.bridge.desk, "peeters", "sintjan", ill("2029-11-23", "2029-11-24"))


async def test_who_has_no_assignment_is_told_so_before_anything_is_sent(
    school: School, informat: InformatServer
) -> None:
    informat.institute.assignments = [
        item for item in informat.institute.assignments if item["personId"] != PEETERS.key
    ]
    with pytest.raises(Refused, match="no assignment at this school"):
        await report_absence(school.bridge.desk, "peeters", "sintjan", ill())
    assert informat.records.written == {}


async def test_a_token_that_expires_in_the_middle_is_renewed(school: School, informat: InformatServer) -> None:
    informat.tokens.clear()
    [report] = await report_absence(school.bridge.desk, "peeters", "sintjan", ill())
    assert report.state is WriteState.DONE


async def test_while_the_school_is_away_altogether_a_report_is_kept_and_shows(
    school: School, stand_in: StandIn, informat: InformatServer
) -> None:
    desk = school.bridge.desk
    stand_in.faults["/"] = saying(503)
    [report] = await report_absence(desk, "peeters", "sintjan", ill())
    listed, warning = await list_absences(desk, "peeters", "sintjan")
    assert [one["id"] for one in listed] == [report.write.about["id"]]
    assert warning is not None
    assert "out of order" in warning
    await school.bridge.publisher.publish_wanted()
    assert [event["SUMMARY"] for event in events(await school.ics("peeters"))] == ["Afwezig (gemeld)"]
    del stand_in.faults["/"]
    school.clock.forward(minutes=1)
    await desk.send(await desk.asker("peeters", "sintjan"))
    [record] = informat.records.written.values()
    assert record.body["hfd"] == "311"


async def test_a_correction_keeps_the_event_and_the_id(school: School, informat: InformatServer) -> None:
    desk = school.bridge.desk
    [report] = await report_absence(desk, "peeters", "sintjan", ill())
    await school.refresh()
    [before] = events(await school.ics("peeters"))
    [changed] = await report_absence(
        desk, "peeters", "sintjan", ill("2026-11-23", "2026-11-26", corrects=report.write.about["id"])
    )
    assert changed.write.about["id"] == report.write.about["id"]
    await school.bridge.publisher.publish_wanted()
    [shown] = events(await school.ics("peeters"))
    assert (shown["UID"], shown["DTEND"], shown["SUMMARY"]) == (before["UID"], "20261127", "Afwezig (gemeld)")
    await school.refresh()
    [after] = events(await school.ics("peeters"))
    assert (after["UID"], after["DTEND"], after["SUMMARY"]) == (before["UID"], "20261127", "Afwezig")
    assert int(before["SEQUENCE"]) < int(shown["SEQUENCE"]) < int(after["SEQUENCE"])
    assert len(informat.records.written) == 1


@pytest.mark.parametrize("read", [True, False])
async def test_a_correction_that_is_refused_shows_at_once_what_the_school_has(school: School, *, read: bool) -> None:
    desk = school.bridge.desk
    [report] = await report_absence(desk, "peeters", "sintjan", ill())
    await report_absence(desk, "peeters", "sintjan", ill("2026-11-26", "2026-11-27"))
    if read:
        await school.refresh()
    await school.bridge.publisher.publish_wanted()
    [before] = events(await school.ics("peeters"))
    [refused] = await report_absence(
        desk, "peeters", "sintjan", ill("2026-11-23", "2026-11-26", corrects=report.write.about["id"])
    )
    assert (refused.state, refused.code) == (WriteState.REFUSED, "MNA006")
    await school.bridge.publisher.publish_wanted()
    [shown] = events(await school.ics("peeters"))
    assert [shown[name] for name in ("UID", "DTEND", "SUMMARY")] == [
        before[name] for name in ("UID", "DTEND", "SUMMARY")
    ]
    assert int(shown["SEQUENCE"]) > int(before["SEQUENCE"])


@pytest.mark.parametrize("last_taken", [True, False])
async def test_of_two_corrections_the_last_one_shows_unless_the_school_refuses_it(
    school: School, stand_in: StandIn, *, last_taken: bool
) -> None:
    desk = school.bridge.desk
    [report] = await report_absence(desk, "peeters", "sintjan", ill())
    await report_absence(desk, "peeters", "sintjan", ill("2026-11-26", "2026-11-27"))
    await school.refresh()
    stand_in.faults[_PUT] = saying(503)
    for last in ("2026-11-26", "2026-11-25" if last_taken else "2026-11-27"):
        correction = ill("2026-11-23", last, corrects=report.write.about["id"])
        await report_absence(desk, "peeters", "sintjan", correction)
    stand_in.faults[_PUT] = as_usual
    school.clock.forward(minutes=1)
    await desk.send(await desk.asker("peeters", "sintjan"))
    await school.bridge.publisher.publish_wanted()
    [shown] = events(await school.ics("peeters"))
    assert shown["DTEND"] == ("20261126" if last_taken else "20261125")


async def test_what_the_school_has_is_withdrawn_there_even_if_a_correction_of_it_waits(
    school: School, informat: InformatServer, stand_in: StandIn
) -> None:
    desk = school.bridge.desk
    [report] = await report_absence(desk, "peeters", "sintjan", ill())
    school.clock.forward(days=20)
    await school.bridge.store.outbox.forget(school.clock())
    await school.refresh()
    stand_in.faults["/connect/token"] = stand_in.faults[_PUT] = saying(401)
    await report_absence(desk, "peeters", "sintjan", ill(last="2026-11-25", corrects=report.write.about["id"]))
    assert await withdraw_absence(desk, "peeters", "sintjan", report.write.about["id"]) is not None
    stand_in.faults.clear()
    school.clock.forward(minutes=1)
    await desk.send(await desk.asker("peeters", "sintjan"))
    assert informat.records.written == {}
    await school.bridge.publisher.publish_wanted()
    assert events(await school.ics("peeters")) == []
