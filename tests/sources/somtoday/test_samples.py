"""The samples of the community's document, variants of them with real values, and what they become."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs, to_builtins
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from bridge.errors import BadResponse
from bridge.model.event import AllDay, Event, Kind, Status, Timed, clean_event
from bridge.sources.somtoday.mapping.absences import read_absences
from bridge.sources.somtoday.mapping.lessons import read_schedule
from bridge.sources.somtoday.mapping.vacations import read_vacations
from bridge.sources.somtoday.models import Pupil, Restrictions
from bridge.upstream.contract import Reading
from tests.sources.bodies import body
from tests.sources.somtoday.answers import PUPIL, ZONE, utc

SAMPLES = Path(__file__).parent / "samples"
ABSENTEE = "1234567890"
WITH_EVENTS = sorted(
    path.stem
    for path in SAMPLES.glob("*.json")
    if path.stem.partition("-")[0] in {"afspraken", "waarnemingen", "absentiemeldingen", "vakanties"}
    and path.stem != "absentiemeldingen"
)


def read(name: str, pupil: str | None = None) -> Reading:
    found = body((SAMPLES / f"{name}.json").read_bytes())
    match name.partition("-")[0]:
        case "afspraken":
            return read_schedule([found], pupil=pupil or PUPIL, zone=ZONE, origin="Fortes")
        case "vakanties":
            return read_vacations([found], origin="Fortes")
        case "waarnemingen":
            return read_absences([], [found], pupil=pupil or ABSENTEE, zone=ZONE, origin="Fortes")
        case _:
            return read_absences([found], [], pupil=pupil or ABSENTEE, zone=ZONE, origin="Fortes")


def in_json(event: Event) -> Any:
    """What the event says, without fields that have their default, and moments in UTC."""
    own = {f.name: to_builtins(value) for f in structs.fields(event) if (value := getattr(event, f.name)) != f.default}
    days = [moment.isoformat() for moment in (event.when.start, event.when.end)]
    when = [*days, event.when.zone] if isinstance(event.when, Timed) else days
    return json.loads(json.dumps(own | {"when": when}))


@pytest.mark.parametrize("name", WITH_EVENTS)
def test_a_sample_is_read_as_it_was(name: str, snapshot: SnapshotAssertion) -> None:
    reading = read(name)
    assert reading.skipped == 0
    events = [in_json(clean_event(event)) for event in reading.events]
    assert events == snapshot.use_extension(JSONSnapshotExtension)


def test_a_lesson_has_its_time_room_teacher_group_and_period() -> None:
    assert read("afspraken").events == (
        Event(
            identity="8849104409",
            kind=Kind.LESSON,
            when=Timed(utc(2020, 5, 4, 9, 15), utc(2020, 5, 4, 10, 0), "Europe/Amsterdam"),
            title="wiskunde B",
            subject="wiskunde B",
            code="wisB",
            groups=("A5wisB_2",),
            teachers=("Stk",),
            locations=("217",),
            periods=(4, 4),
        ),
    )


def test_the_lesson_of_another_pupil_is_not_shown() -> None:
    assert read("afspraken", pupil="1") == Reading(())


def test_a_vacation_includes_its_last_day() -> None:
    when = AllDay(date(2023, 10, 16), date(2023, 10, 21))
    assert read("vakanties") == Reading((Event("123456789", Kind.HOLIDAY, when, "Herfstvakantie"),))


def test_being_present_is_neither_shown_nor_skipped() -> None:
    assert read("waarnemingen") == Reading(())


def test_being_seen_absent_is_an_absence_of_that_lesson() -> None:
    when = Timed(utc(2023, 1, 9, 10, 5), utc(2023, 1, 9, 10, 55), "Europe/Amsterdam")
    absence = Event("waarneming:1234567891234", Kind.ABSENCE, when, "", subject="titel", periods=(4, 4))
    assert read("waarnemingen-afwezig") == Reading((absence,))


def test_a_report_without_real_dates_fails_the_part() -> None:
    with pytest.raises(BadResponse, match=r"^Fortes sent 1 item, which could not be read\.$"):
        read("absentiemeldingen")


def test_reports_with_real_dates_are_absences_with_their_reasons() -> None:
    lessons, open_ended, late = read("absentiemeldingen-echt").events
    zone = "Europe/Amsterdam"
    assert lessons.when == Timed(utc(2023, 1, 9, 9, 5), utc(2023, 1, 9, 10, 55), zone)
    assert (lessons.identity, lessons.periods, lessons.reason) == ("melding:1234567890123", (3, 4), "Onbekend")
    assert open_ended.when == Timed(utc(2023, 7, 3, 6, 30), utc(2023, 7, 3, 22, 0), zone)
    assert (open_ended.periods, open_ended.reason) == (None, "Ziek")
    assert late.when == Timed(utc(2023, 7, 5, 7, 12), utc(2023, 7, 5, 7, 13), zone)
    assert (late.periods, late.reason) == ((1, 1), "Te laat")
    assert {event.title for event in (lessons, open_ended, late)} == {""}


def test_the_special_lessons_keep_their_times_and_say_what_they_are() -> None:
    cancelled, moved, test, trip = read("afspraken-bijzonder").events
    assert cancelled.identity == "8849104410"
    assert cancelled.status is Status.CANCELLED
    assert cancelled.when == Timed(utc(2020, 5, 5, 9, 15), utc(2020, 5, 5, 10), "Europe/Amsterdam")
    assert moved.status is Status.CONFIRMED
    assert moved.notes.startswith("Status: VERPLAATST\n")
    assert moved.when == Timed(utc(2020, 12, 7, 10, 15), utc(2020, 12, 7, 11), "Europe/Amsterdam")
    assert (test.kind, test.title, test.periods) == (Kind.EXAM, "Grote toets wiskunde B", (1, 2))
    assert (trip.title, trip.label, trip.periods) == ("Ardennen", "Excursie", None)
    assert trip.when == Timed(utc(2020, 12, 8, 23), utc(2020, 12, 11, 15, 30), "Europe/Amsterdam")


def test_the_sample_pupil_has_an_id_and_a_number() -> None:
    [told] = json.loads((SAMPLES / "leerlingen.json").read_bytes())["items"]
    pupil = Pupil.model_validate(told)
    assert (pupil.key, pupil.leerlingnummer, pupil.roepnaam) == ("1234", "450000", "Eli")


def test_the_sample_account_may_see_everything_that_is_read() -> None:
    [told] = json.loads((SAMPLES / "account.json").read_bytes())["items"]
    [restrictions] = told["additionalObjects"]["restricties"]["items"]
    assert Restrictions.model_validate(restrictions) == Restrictions(
        leerlingId="1234567890", roosterBeschikbaarIcalAan=True
    )
