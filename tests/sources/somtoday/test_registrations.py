"""Registrations, in one overview or in two lists: each shows once and is the same event in either."""

import json
from pathlib import Path
from typing import Any

import pytest

from bridge.errors import BadResponse
from bridge.model.event import Kind, Part, Timed
from bridge.sources.somtoday import SOURCE
from bridge.sources.somtoday.standin.server import ANNA, SomtodayServer
from bridge.sync.snapshot import Delivered
from bridge.upstream.standin import StandIn
from tests.conftest import OpenSchool, School, SettableClock
from tests.faults import saying
from tests.sources.somtoday.answers import absences, links, observation, only, registrations, report, text, utc
from tests.sources.somtoday.conftest import Fetch

SAMPLE = Path(__file__).parent / "samples" / "registratieoverzicht.json"
ZONE = "Europe/Amsterdam"
OVERVIEW = "GET /rest/v1/leerlingen/{id}/registratieOverzicht"
SINGLE = f"/rest/v1/leerlingen/{ANNA.key}/registratieOverzicht"
TOLD, SEEN = "/rest/v1/absentiemeldingen", "/rest/v1/waarnemingen"
REPORTS, OBSERVATIONS = "GET /rest/v1/absentiemeldingen", "GET /rest/v1/waarnemingen"


def registered(key: object = 1234567890123, sort: str = "ABSENTIEMELDING", **changes: Any) -> dict[str, Any]:
    return {
        "omschrijving": "Tandarts",
        "begin": "2026-09-07T11:15:00+02:00",
        "eind": "2026-09-07T12:00:00+02:00",
        "registratieSoort": sort,
        "registratieId": key,
        **changes,
    }


def test_the_sample_is_read_as_it_was() -> None:
    reading = registrations(json.loads(SAMPLE.read_bytes()))
    assert reading.skipped == 0
    dentist, truancy, late, homework = reading.events
    assert (dentist.identity, dentist.kind, dentist.title, dentist.reason) == (
        "melding:3",
        Kind.ABSENCE,
        "",
        "Tandarts",
    )
    assert dentist.when == Timed(utc(2026, 9, 12, 9), utc(2026, 9, 12, 10), ZONE)
    assert (truancy.identity, truancy.reason) == ("melding:2", "Spijbelen")
    assert (late.identity, late.reason) == ("melding:1", "Te laat")
    assert late.when == Timed(utc(2026, 9, 7, 6, 30), utc(2026, 9, 7, 6, 31), ZONE)
    assert (homework.identity, homework.kind) == ("huiswerkNietGemaakt:h1", Kind.NOTICE)
    assert (homework.title, homework.periods) == ("Huiswerk niet gemaakt: aardrijkskunde", (3, 3))
    assert homework.when == Timed(utc(2026, 9, 15, 8, 20), utc(2026, 9, 15, 9, 10), ZONE)


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ("geoorloofdAfwezig", ""),
        ("ongeoorloofdAfwezig", ""),
        ("afwezigWaarnemingen", ""),
        ("teLaat", "Te laat"),
        ("verwijderd", "Uit de les verwijderd"),
    ],
)
def test_every_sort_of_absence_is_an_absence_with_a_neutral_title(group: str, words: str) -> None:
    event = only(registrations({group: [registered(omschrijving=None)]}))
    assert (event.kind, event.title, event.reason, event.notes) == (Kind.ABSENCE, "", words, "")


def test_an_absence_is_the_same_event_in_the_overview_and_in_the_lists() -> None:
    told = only(registrations({"geoorloofdAfwezig": [registered()]}))
    listed = only(absences([report()]))
    assert (told.identity, told.when, told.reason) == (listed.identity, listed.when, listed.reason)
    for group, sort in (("ongeoorloofdAfwezig", "WAARNEMING"), ("afwezigWaarnemingen", "ABSENTIEMELDING")):
        seen = only(registrations({group: [registered(2234567890123, sort)]}))
        assert seen.identity == only(absences([], [observation()])).identity


def test_what_was_seen_and_is_reported_too_shows_once() -> None:
    seen = registered(2, "WAARNEMING", omschrijving="Afwezig")
    event = only(registrations({"afwezigWaarnemingen": [seen], "geoorloofdAfwezig": [registered(1)]}))
    assert (event.identity, event.reason) == ("melding:1", "Tandarts")


def test_a_notice_of_a_lesson_does_not_hide_that_it_was_missed() -> None:
    notice = {"uniqueIdentifier": "h1", "beginDatumTijd": "2026-09-07T11:15:00", "eindDatumTijd": "2026-09-07T12:00:00"}
    reading = registrations({"afwezigWaarnemingen": [registered(2)], "materiaalNietInOrde": [notice]})
    assert [(event.kind, event.title) for event in reading.events] == [
        (Kind.ABSENCE, ""),
        (Kind.NOTICE, "Materiaal niet in orde"),
    ]


def test_an_observation_tells_the_lesson_that_it_is_about_in_either() -> None:
    lesson = {"titel": "217 - A5ak - Ghi", "locatie": "217"}
    assert only(absences([], [observation(afspraak=lesson)])).subject == "217 - A5ak - Ghi"
    assert only(absences([], [observation(afspraak=lesson | {"vak": {"naam": "aardrijkskunde"}})])).subject == (
        "aardrijkskunde"
    )
    seen = registered(2, "WAARNEMING", afspraken=[lesson, {"vak": {"afkorting": "ak"}}, 7, {}])
    assert only(registrations({"afwezigWaarnemingen": [seen]})).subject == "217 - A5ak - Ghi, ak"
    assert only(registrations({"afwezigWaarnemingen": [registered(2, "WAARNEMING", afspraken=None)]})).subject == ""
    assert only(registrations({"geoorloofdAfwezig": [registered(afspraken=[lesson])]})).subject == "", (
        "a report is of days"
    )


@pytest.mark.parametrize("body", [[], None, 42, "x", {}, {"items": []}, {"teLaat": 7}, {"teLaat": {"a": 1}}])
def test_what_is_no_overview_is_refused(body: object) -> None:
    with pytest.raises(BadResponse, match="no overview of registrations"):
        registrations(body)


def test_an_empty_overview_is_nothing_and_a_broken_item_is_counted() -> None:
    assert registrations({"teLaat": [], "verwijderd": None}).events == ()
    reading = registrations({"teLaat": [registered(1), registered(2), None, {"begin": "x"}]})
    assert (len(reading.events), reading.skipped) == (2, 2)


def identities(outcome: object) -> dict[str, object]:
    assert isinstance(outcome, Delivered), outcome
    return {event.identity: event.when for event in outcome.events if event.kind is Kind.ABSENCE}


async def test_with_and_without_the_overview_the_same_absences_show(
    fetch: Fetch, standin: SomtodayServer, stand_in: StandIn
) -> None:
    listed = identities((await fetch())[Part.ABSENCES])
    assert (stand_in.requests[OVERVIEW], stand_in.requests[REPORTS], stand_in.requests[OBSERVATIONS]) == (1, 1, 1)
    standin.lacks.clear()
    stand_in.requests.clear()
    overview = identities((await fetch())[Part.ABSENCES])
    assert (stand_in.requests[OVERVIEW], stand_in.requests[REPORTS], stand_in.requests[OBSERVATIONS]) == (1, 0, 0)
    late = {identity for identity, when in overview.items() if (when.end - when.start).seconds == 60}  # type: ignore[attr-defined] # a moment
    assert len(late) <= 1, "only the overview tells who was late"
    assert {key: when for key, when in overview.items() if key not in late} == listed
    assert listed


async def test_an_overview_that_is_forbidden_leaves_the_lists_and_one_that_fails_fails_the_part(
    fetch: Fetch, standin: SomtodayServer, stand_in: StandIn
) -> None:
    standin.lacks.clear()
    standin.forbids = {"registratieOverzicht"}
    assert identities((await fetch())[Part.ABSENCES])
    assert stand_in.requests[REPORTS] == 1
    standin.forbids = set()
    stand_in.faults["/rest/v1/leerlingen"] = saying(500)
    assert not isinstance((await fetch())[Part.ABSENCES], Delivered)


PAST, LATER = "2026-11-17", "2026-11-18"


def at(day: str, first: str = "09:00", last: str = "10:00") -> dict[str, str]:
    return {"beginDatumTijd": f"{day}T{first}:00+01:00", "eindDatumTijd": f"{day}T{last}:00+01:00"}


def span(day: str, first: str = "09:00", last: str = "10:00") -> dict[str, str]:
    return {"begin": f"{day}T{first}:00+01:00", "eind": f"{day}T{last}:00+01:00"}


async def test_no_past_absence_shows_twice_when_the_overview_goes_or_comes_back(
    open_school: OpenSchool, clock: SettableClock
) -> None:
    overview = {
        "afwezigWaarnemingen": [registered(1, "WAARNEMING", **span(PAST)), registered(2, "WAARNEMING", **span(LATER))],
        "geoorloofdAfwezig": [registered(9, "ABSENTIEMELDING", **span(PAST, last="12:00"))],
    }
    pupil = {"leerling": links(ANNA.key)}
    later, earlier = observation(2, **at(LATER)) | pupil, observation(1, **at(PAST)) | pupil
    async with open_school({"fortes": SOURCE.stand_in(clock)}) as school:
        faults = school.stand_ins["fortes"].faults
        await school.add("anna", "fortes")
        reports = text(report(8, **at(PAST, last="12:00")) | pupil)
        with_reports = {SINGLE: saying(404), TOLD: saying(200, reports), SEEN: saying(200, text(later))}
        only_seen = {
            **with_reports,
            TOLD: saying(403),
            SEEN: saying(200, text(earlier, later)),
        }
        first: dict[str, str] = {}
        for answers in ({SINGLE: saying(200, json.dumps(overview))}, with_reports, only_seen, with_reports) * 2:
            faults.clear()
            faults.update(answers)
            assert [row.error for row in await school.refresh() if row.part is Part.ABSENCES and row.error] == []
            shown = await absences_of(school)
            first = first or shown
            assert shown.keys() == first.keys(), "the same UIDs"
            assert sorted(day for day in shown.values()) == [PAST, LATER]


async def test_what_was_seen_and_is_reported_a_day_later_shows_once(
    open_school: OpenSchool, clock: SettableClock
) -> None:
    pupil = {"leerling": links(ANNA.key)}
    seen = [observation(1, **at(PAST)) | pupil, observation(2, **at(PAST, "10:00", "11:00")) | pupil]
    async with open_school({"fortes": SOURCE.stand_in(clock)}) as school:
        faults = school.stand_ins["fortes"].faults
        await school.add("anna", "fortes")
        faults.update({SINGLE: saying(404), TOLD: saying(200, text()), SEEN: saying(200, text(*seen))})
        await school.refresh()
        assert len(await absences_of(school)) == 2
        faults[TOLD] = saying(200, text(report(9, **at(PAST, last="12:00"), **pupil)))
        await school.refresh()
        assert list((await absences_of(school)).values()) == [PAST]


async def absences_of(school: School) -> dict[str, str]:
    """The day of each absence that is kept, by UID."""
    [account] = await school.bridge.store.accounts.all()
    entries = await school.bridge.store.events.of_part(account.id, Part.ABSENCES)
    shown = [entry for entry in entries if entry.event.kind is Kind.ABSENCE]
    assert all(entry.vanished is None for entry in shown)
    return {entry.uid: str(entry.event.when.start)[:10] for entry in shown}


@pytest.mark.parametrize("begins", ["reported", "only seen"])
async def test_a_report_whose_row_goes_and_comes_back_is_the_same_event(
    open_school: OpenSchool, clock: SettableClock, begins: str
) -> None:
    observed = [registered(1, "WAARNEMING", **span(PAST)), registered(2, "WAARNEMING", **span(PAST, "10:00", "11:00"))]
    told = [registered(9, "ABSENTIEMELDING", **span(PAST, last="12:00"))]
    answers = {name: {"afwezigWaarnemingen": observed, "geoorloofdAfwezig": []} for name in ("reported", "only seen")}
    answers["reported"] |= {"geoorloofdAfwezig": told}
    order = [begins, *(name for name in answers if name != begins)] * 2
    async with open_school({"fortes": SOURCE.stand_in(clock)}) as school:
        await school.add("anna", "fortes")
        shown = []
        for name in order:
            school.stand_ins["fortes"].faults[SINGLE] = saying(200, json.dumps(answers[name]))
            await school.refresh()
            shown.append((await absences_of(school)).keys())
        assert shown[:2] == shown[2:], "the same UIDs"
        assert sorted(map(len, shown)) == [1, 1, 2, 2]
