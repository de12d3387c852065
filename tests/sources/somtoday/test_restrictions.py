from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from bridge.errors import Forbidden, SourceError, Unavailable
from bridge.model.event import Kind, Part
from bridge.sources.somtoday import SOURCE
from bridge.sources.somtoday.standin.server import ANNA, LOTTE
from bridge.store.account import State
from bridge.sync.snapshot import Delivered
from bridge.upstream.standin import StandIn
from tests.conftest import OpenSchool, SettableClock
from tests.faults import saying
from tests.sources.somtoday.answers import text
from tests.sources.somtoday.conftest import Fetch

REPORTS, OBSERVATIONS = "GET /rest/v1/absentiemeldingen", "GET /rest/v1/waarnemingen"
ACCOUNT = "/rest/v1/account/me"
OVERVIEW = f"/rest/v1/leerlingen/{ANNA.key}/registratieOverzicht"


def restricting(*restrictions: dict[str, Any]) -> web.Response:
    told = {"additionalObjects": {"restricties": {"items": list(restrictions)}}}
    return web.json_response({"items": [told]})


async def test_what_the_school_hides_is_a_forbidden_row_without_a_request(
    open_school: OpenSchool, clock: SettableClock
) -> None:
    async with open_school({"fortes": SOURCE.stand_in(clock)}) as school:
        await school.add("bram", "fortes")
        rows = {row.part: row for row in await school.refresh()}
        [account] = await school.bridge.store.accounts.all()
    hidden = rows[Part.ABSENCES]
    assert (hidden.ok, hidden.forbidden, hidden.events) == (False, True, 0)
    assert hidden.error == "Fortes Lyceum does not show the absences of this pupil."
    assert rows[Part.SCHEDULE].ok
    assert rows[Part.HOLIDAYS].ok
    assert not school.stand_ins["fortes"].requests.keys() & {REPORTS, OBSERVATIONS}
    assert account.state is State.OK
    assert account.last_error is None


async def test_another_pupils_restrictions_do_not_count(fetch: Fetch, stand_in: StandIn) -> None:
    hidden = {"absentiesBekijkenAan": False}
    stand_in.faults[ACCOUNT] = lambda _: _ready(
        restricting({"leerlingId": LOTTE.key, **hidden}, {"leerlingId": str(ANNA.key)})
    )
    assert isinstance((await fetch())[Part.ABSENCES], Delivered)
    stand_in.faults[ACCOUNT] = lambda _: _ready(restricting({"leerlingId": ANNA.key, **hidden}))
    outcome = (await fetch())[Part.ABSENCES]
    assert isinstance(outcome, SourceError)
    assert isinstance(outcome, Forbidden)


async def test_several_rows_of_a_pupil_add_up(fetch: Fetch, stand_in: StandIn) -> None:
    rows = [
        {"leerlingId": ANNA.key, "absentiesBekijkenAan": False, "huiswerkBekijkenAan": False},
        {"leerlingId": ANNA.key, "absentiesBekijkenAan": True},
    ]
    for told in (rows, rows[::-1]):
        stand_in.faults[ACCOUNT] = lambda _, told=told: _ready(restricting(*told))  # type: ignore[misc] # a handler
        outcomes = await fetch()
        assert isinstance(outcomes[Part.ABSENCES], Delivered)
        assert isinstance(outcomes[Part.HOMEWORK], Forbidden)


@pytest.mark.parametrize("part", [Part.SCHEDULE, Part.ABSENCES])
async def test_a_word_that_cannot_be_read_shows_nothing_that_is_hidden(
    fetch: Fetch, stand_in: StandIn, part: Part
) -> None:
    hidden = {"roosterBekijkenAan" if part is Part.SCHEDULE else "absentiesBekijkenAan": False}
    odd = {"absentieMeldingBekijkenAan": None, "huiswerkBekijkenAan": "misschien"}
    stand_in.faults[ACCOUNT] = lambda _: _ready(restricting({"leerlingId": ANNA.key} | odd | hidden))
    outcomes = await fetch()
    assert {name for name, outcome in outcomes.items() if isinstance(outcome, SourceError)} == {part}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "null",
        "42",
        '{"items": {"a": 1}}',
        '{"items": [7]}',
        '{"items": ["x"]}',
        '{"additionalObjects": {"restricties": {"items": 7}}}',
        '{"additionalObjects": {"restricties": {"items": [7]}}}',
        '{"additionalObjects": {"restricties": []}}',
    ],
)
async def test_where_the_school_does_not_say_what_it_hides_everything_is_asked_for(
    fetch: Fetch, stand_in: StandIn, body: str
) -> None:
    stand_in.faults[ACCOUNT] = saying(200, body)
    assert all(isinstance(outcome, Delivered) for outcome in (await fetch()).values())


@pytest.mark.parametrize("forbidden", ["absentiemeldingen", "waarnemingen"])
async def test_one_of_the_two_absence_lists_is_enough(fetch: Fetch, stand_in: StandIn, forbidden: str) -> None:
    stand_in.faults[f"/rest/v1/{forbidden}"] = saying(403)
    outcome = (await fetch())[Part.ABSENCES]
    assert isinstance(outcome, Delivered)
    other = "waarneming:" if forbidden == "absentiemeldingen" else "melding:"
    assert outcome.events
    assert all(event.identity.startswith(other) for event in outcome.events)


@pytest.mark.parametrize("forbidden", ["absentiemeldingen", "waarnemingen"])
async def test_an_absence_list_that_fails_fails_the_part(fetch: Fetch, stand_in: StandIn, forbidden: str) -> None:
    stand_in.faults[f"/rest/v1/{forbidden}"] = saying(500)
    outcome = (await fetch())[Part.ABSENCES]
    assert isinstance(outcome, SourceError)
    assert isinstance(outcome, Unavailable)


async def test_both_absence_lists_forbidden_is_the_schools_choice(fetch: Fetch, stand_in: StandIn) -> None:
    for name in ("absentiemeldingen", "waarnemingen"):
        stand_in.faults[f"/rest/v1/{name}"] = saying(403)
    outcome = (await fetch())[Part.ABSENCES]
    assert isinstance(outcome, SourceError)
    assert isinstance(outcome, Forbidden)


async def test_a_list_that_the_school_hides_is_not_asked_for(fetch: Fetch, stand_in: StandIn) -> None:
    stand_in.faults[ACCOUNT] = lambda _: _ready(
        restricting({"leerlingId": ANNA.key, "absentieMeldingBekijkenAan": False})
    )
    assert isinstance((await fetch())[Part.ABSENCES], Delivered)
    assert stand_in.requests[REPORTS] == 0
    assert stand_in.requests[OBSERVATIONS] == 1


async def _ready(response: web.StreamResponse) -> web.StreamResponse:
    return response


@pytest.mark.parametrize("refused", ["absentiemeldingen", "waarnemingen"])
async def test_a_list_of_absences_that_is_refused_cancels_none_of_them(
    open_school: OpenSchool, clock: SettableClock, refused: str
) -> None:
    stand_in = SOURCE.stand_in(clock)
    async with open_school({"fortes": stand_in}) as school:
        await school.add("anna", "fortes")
        stand_in.faults[OVERVIEW] = saying(403)
        await school.refresh()
        await school.feed("anna", kinds=[Kind.ABSENCE])
        before = await school.ics("anna")
        assert before.count("BEGIN:VEVENT") > 1
        school.clock.now -= timedelta(days=30)  # so that they are ahead
        stand_in.faults[f"/rest/v1/{refused}"] = saying(403)
        rows = {row.part: row for row in await school.refresh()}
        assert rows[Part.ABSENCES].ok
        assert (rows[Part.ABSENCES].changed, rows[Part.ABSENCES].removed) == (0, 0)
        assert await school.ics("anna") == before


@pytest.mark.parametrize("refused", ["afspraak", "dag", "week"])
async def test_a_list_of_homework_that_is_refused_from_one_day_on_takes_none_of_it(
    open_school: OpenSchool, clock: SettableClock, refused: str
) -> None:
    stand_in = SOURCE.stand_in(clock)
    async with open_school({"fortes": stand_in}) as school:
        await school.add("anna", "fortes")
        await school.refresh()
        await school.feed("anna", kinds=[Kind.LESSON, Kind.EXAM, Kind.HOMEWORK], homework="both")
        before = await school.ics("anna")
        stand_in.faults[f"/rest/v1/studiewijzeritem{refused}toekenningen"] = saying(403)
        rows = {row.part: row for row in await school.refresh()}
        assert rows[Part.HOMEWORK].ok
        assert rows[Part.HOMEWORK].removed == 0
        assert rows[Part.HOMEWORK].error == "Fortes Lyceum does not show all homework of this pupil any more."
        assert await school.ics("anna") == before
        stand_in.faults.clear()
        rows = {row.part: row for row in await school.refresh()}
        assert (rows[Part.HOMEWORK].changed, rows[Part.HOMEWORK].removed, rows[Part.HOMEWORK].error) == (0, 0, None)
        assert await school.ics("anna") == before


async def test_of_a_school_that_never_showed_a_list_the_other_homework_comes_and_goes(
    open_school: OpenSchool, clock: SettableClock
) -> None:
    stand_in = SOURCE.stand_in(clock)
    stand_in.faults["/rest/v1/studiewijzeritemweektoekenningen"] = saying(403)
    async with open_school({"fortes": stand_in}) as school:
        await school.add("anna", "fortes")
        rows = {row.part: row for row in await school.refresh()}
        assert (rows[Part.HOMEWORK].ok, rows[Part.HOMEWORK].error) == (True, None)
        stand_in.faults["/rest/v1/studiewijzeritemdagtoekenningen"] = saying(200, text())
        rows = {row.part: row for row in await school.refresh()}
        assert rows[Part.HOMEWORK].removed > 0


async def test_a_school_that_never_says_what_it_hides_is_not_missing_anything(fetch: Fetch, stand_in: StandIn) -> None:
    stand_in.faults[ACCOUNT] = saying(404)
    outcomes = await fetch()
    assert all(isinstance(outcome, Delivered) and not outcome.notes for outcome in outcomes.values())
