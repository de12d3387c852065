"""Whole timetables, made up at random: each lesson comes out once, wherever pages are cut."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bridge.model.event import Timed
from bridge.sources.somtoday.mapping.lessons import read_schedule
from tests.sources.somtoday.answers import PUPIL, ZONE, absences, appointment, page, report, vacation, vacations

_TEXTS = st.text(max_size=20)
_STARTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(lambda found: found.replace(microsecond=0))  # noqa: DTZ001 - local to the school
_KEYS = st.integers(1, 2**63)


def _written(moment: datetime) -> str:
    return moment.astimezone(ZONE).isoformat()


@st.composite
def lessons(draw: st.DrawFn) -> list[tuple[dict[str, Any], datetime, datetime]]:
    """Appointments with ids of their own, and when they begin and end."""
    found = []
    for key in draw(st.lists(_KEYS, unique=True, max_size=25)):
        start = draw(_STARTS).replace(tzinfo=UTC)
        end = start + timedelta(minutes=draw(st.integers(1, 400)))
        item = appointment(
            draw(st.sampled_from([key, str(key), f"000{key}"])),
            beginDatumTijd=_written(start),
            eindDatumTijd=_written(end),
            titel=draw(_TEXTS),
            omschrijving=draw(st.none() | _TEXTS),
            locatie=draw(st.none() | _TEXTS),
            afspraakStatus=draw(st.sampled_from(["ACTIEF", "VERVALLEN", "VERPLAATST", None])),
            beginLesuur=draw(st.none() | st.integers(0, 12)),
            onbekend=draw(_TEXTS),
        )
        found.append((item, start, end))
    return found


@given(lessons(), st.integers(1, 9))
def test_every_lesson_comes_out_once_at_its_time_wherever_pages_are_cut(
    week: list[tuple[dict[str, Any], datetime, datetime]], size: int
) -> None:
    items = [item for item, _, _ in week]
    pages = [page(*items[start : start + size]) for start in range(0, len(items), size)]
    reading = read_schedule(pages, pupil=PUPIL, zone=ZONE, origin="Fortes")
    assert reading.skipped == 0
    assert len({event.identity for event in reading.events}) == len(items)
    assert [event.identity for event in reading.events] == [str(int(item["links"][0]["id"])) for item in items]
    assert [event.when for event in reading.events] == [Timed(start, end, ZONE.key) for _, start, end in week]


@given(lessons(), st.lists(st.sampled_from([None, 7, "x", {}, [], {"links": [{"id": {}}]}]), max_size=8))
def test_what_cannot_be_read_costs_nothing_but_itself(
    week: list[tuple[dict[str, Any], datetime, datetime]], broken: list[Any]
) -> None:
    items = [item for item, _, _ in week]
    broken = broken[: len(items)]
    mixed = [*broken, *items]
    reading = read_schedule([page(*mixed)], pupil=PUPIL, zone=ZONE, origin="Fortes")
    assert (len(reading.events), reading.skipped) == (len(items), len(broken))


@given(st.lists(st.tuples(_KEYS, st.dates(), st.integers(0, 60)), unique_by=lambda one: one[0], max_size=15))
def test_every_vacation_lasts_as_many_days_as_it_names(told: list[tuple[int, Any, int]]) -> None:
    told = [(key, first, days) for key, first, days in told if 1 < first.year < 9000]
    items = [
        vacation(key, beginDatum=f"{first}T00:00:00+02:00", eindDatum=f"{first + timedelta(days=days)}T00:00:00+01:00")
        for key, first, days in told
    ]
    events = vacations(*items).events
    assert [(event.when.start, (event.when.end - event.when.start).days) for event in events] == [
        (first, days + 1) for _, first, days in told
    ]


@given(st.lists(_KEYS, unique=True, min_size=1, max_size=10), st.data())
def test_reports_are_never_lost_whatever_was_seen(keys: list[int], data: st.DataObject) -> None:
    reports = [report(key) for key in keys]
    seen = data.draw(st.lists(st.sampled_from(reports), max_size=10))
    observations = [json.loads(json.dumps(found)) | {"waarnemingSoort": "Afwezig"} for found in seen]
    assert {event.identity for event in absences(reports, observations).events} == {f"melding:{key}" for key in keys}
