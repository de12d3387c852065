"""What was before, what is to do, and what the title says of it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from bridge.model.event import AllDay, Before, Kind, Status, Timed, When
from tests.calendar.entries import CHANGED, DAY, LESSON, ZONE, between, entry, only, titles

NOVEMBER = Timed(datetime(2025, 11, 24, 8, tzinfo=UTC), datetime(2025, 11, 24, 8, 50, tzinfo=UTC), ZONE.key)


@pytest.mark.parametrize(
    ("language", "title", "old"),
    [
        ("nl", "Verplaatst: Wiskunde", "Was: ma 24 nov 09:00-09:50"),
        ("en", "Moved: Wiskunde", "Was: Mon 24 Nov 09:00-09:50"),
        ("fr", "Déplacé : Wiskunde", "Avant : lun. 24 nov. 09:00-09:50"),
    ],
)
def test_what_was_moved_tells_its_old_time(language: str, title: str, old: str) -> None:
    event = only(replace(entry(), before=Before(when=NOVEMBER)), language=language)
    assert (event["summary"], event["description"]) == (title, old)


@pytest.mark.parametrize(
    ("when", "old"),
    [
        (DAY, "Was: di 8 sep"),
        (AllDay(date(2026, 9, 8), date(2026, 9, 12)), "Was: di 8 sep - vr 11 sep"),
        (between(datetime(2026, 9, 8, 20, tzinfo=UTC), 180, ZONE.key), "Was: di 8 sep 22:00 - wo 9 sep 01:00"),
        (between(datetime(2026, 9, 8, 14, tzinfo=UTC), 60, "America/New_York"), "Was: di 8 sep 10:00-11:00"),
    ],
)
def test_an_old_time_is_as_long_as_it_was(when: When, old: str) -> None:
    assert only(entry(before=Before(when=when)))["description"] == old


@pytest.mark.parametrize(
    ("language", "title", "old"),
    [
        ("nl", "Gewijzigd: Wiskunde", ["Lokaal was: A1, A2", "Docent was: Ghi", "Docent: Abc"]),
        ("en", "Changed: Wiskunde", ["Room was: A1, A2", "Teacher was: Ghi", "Teacher: Abc"]),
        ("fr", "Modifié : Wiskunde", ["Salle précédente : A1, A2", "Enseignant précédent : Ghi", "Enseignant : Abc"]),
    ],
)
def test_another_room_or_teacher_tells_the_old_one(language: str, title: str, old: list[str]) -> None:
    lesson = entry(locations=("B1",), teachers=("Abc",), before=Before(locations=("A1", "A2"), teachers=("Ghi",)))
    event = only(lesson, language=language)
    assert (event["summary"], str(event["description"]).splitlines()) == (title, old)


LATER_END = Timed(LESSON.start, LESSON.end + timedelta(minutes=50), ZONE.key)
WEEK = AllDay(date(2026, 9, 7), date(2026, 9, 12))


@pytest.mark.parametrize(("language", "title"), [("nl", "Gewijzigd"), ("en", "Changed"), ("fr", "Modifié ")])
def test_what_was_only_shortened_has_not_moved(language: str, title: str) -> None:
    event = only(entry(before=Before(when=LATER_END)), language=language)
    assert event["summary"] == f"{title}: Wiskunde"
    assert len(str(event["description"]).splitlines()) == 1


def test_a_colleague_who_came_back_early_was_not_moved() -> None:
    until_friday = Before(when=AllDay(DAY.start, DAY.end + timedelta(days=3)))
    event = only(entry(kind=Kind.SUBSTITUTION, title="", colleague="Jan Wouters", when=DAY, before=until_friday))
    assert (event["summary"], event["description"]) == ("Gewijzigd: Vervangt Jan Wouters", "Was: di 8 sep - vr 11 sep")


@pytest.mark.parametrize(
    ("was", "now", "mark"),
    [
        (WEEK, AllDay(date(2026, 9, 7), date(2026, 9, 9)), "Gewijzigd"),
        (WEEK, AllDay(date(2026, 9, 8), date(2026, 9, 12)), "Verplaatst"),
        (LESSON, WEEK, "Gewijzigd"),
        (DAY, LESSON, "Verplaatst"),
    ],
    ids=["shorter", "begins later", "a time on the same day", "another day"],
)
def test_only_what_begins_at_another_time_has_moved(was: When, now: When, mark: str) -> None:
    assert titles(entry(kind=Kind.HOLIDAY, title="Vrij", when=now, before=Before(when=was))) == [f"{mark}: Vrij"]


@pytest.mark.parametrize(
    ("language", "title", "old"),
    [
        ("nl", "Gewijzigd: Wiskunde", "Titel was: Mentoruur"),
        ("en", "Changed: Wiskunde", "Title was: Mentoruur"),
        ("fr", "Modifié : Wiskunde", "Titre précédent : Mentoruur"),
    ],
)
def test_another_title_tells_the_old_one(language: str, title: str, old: str) -> None:
    event = only(replace(entry(), before=Before(title="Mentoruur")), language=language)
    assert (event["summary"], event["description"]) == (title, old)


def test_moved_goes_before_changed() -> None:
    lesson = entry(locations=("B1",), before=Before(NOVEMBER, locations=("A1",)))
    assert titles(lesson) == ["Verplaatst: Wiskunde"]
    assert only(lesson)["description"] == "Was: ma 24 nov 09:00-09:50\nLokaal was: A1"


@pytest.mark.parametrize("gone", [{"status": Status.CANCELLED}, {"vanished": CHANGED}])
@pytest.mark.parametrize("cancelled", ["mark", "status"])
def test_cancelled_wins_over_moved(gone: dict[str, Any], cancelled: str) -> None:
    event = only(entry(before=Before(NOVEMBER), **gone), cancelled=cancelled)
    assert event["summary"] == ("Vervalt: Wiskunde" if cancelled == "mark" else "Wiskunde")
    assert event["description"] == "Vervalt.\nWas: ma 24 nov 09:00-09:50"


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("cancelled", ["mark", "status"])
def test_what_is_cancelled_is_grey_and_leaves_time_for_something_else(kind: Kind, cancelled: str) -> None:
    event = only(entry(kind=kind, when=DAY, vanished=CHANGED), cancelled=cancelled)
    assert (event["color"], event["transp"], event["x-microsoft-cdo-busystatus"]) == ("dimgray", "TRANSPARENT", "FREE")


@pytest.mark.parametrize(
    ("language", "plain", "because"),
    [
        ("nl", "Vervalt.", "Vervalt: docent op cursus"),
        ("en", "Cancelled.", "Cancelled: docent op cursus"),
        ("fr", "Annulé.", "Annulé : docent op cursus"),
    ],
)
def test_a_cancelled_lesson_begins_with_that_and_why(language: str, plain: str, because: str) -> None:
    lesson = entry(status=Status.CANCELLED, notes="Neem je atlas mee", before=Before(NOVEMBER))
    for reason, first in (("", plain), ("docent op cursus", because)):
        told = only(replace(lesson, event=replace(lesson.event, reason=reason)), language=language)["description"]
        assert str(told).splitlines()[0] == first


@pytest.mark.parametrize("kind", [Kind.ABSENCE, Kind.INTERRUPTION])
def test_an_absence_that_is_withdrawn_keeps_its_reason_to_itself(kind: Kind) -> None:
    assert only(entry(kind=kind, title="", reason="Ziek", vanished=CHANGED))["description"] == "Vervalt."


def test_what_we_saw_goes_before_what_the_upstream_says() -> None:
    lesson = entry(locations=("B1",), before=Before(NOVEMBER, locations=("A1",)))
    seen = replace(lesson, before=Before(DAY))
    assert only(seen)["description"] == "Was: di 8 sep\nLokaal was: A1"


@pytest.mark.parametrize(
    "before",
    [
        Before(),
        Before(LESSON, ("A1", "A2"), ("Abc", "Ghi")),
        Before(None, ("A2", "A1"), ("Ghi", "Abc")),
        Before(None, (), ()),
    ],
    ids=["nothing", "the same", "another order", "not known before"],
)
def test_what_is_as_it_was_is_no_change(before: Before) -> None:
    lesson = entry(locations=("A1", "A2"), teachers=("Abc", "Ghi"), before=before)
    assert titles(lesson) == ["Wiskunde"]


@pytest.mark.parametrize("kind", [Kind.ABSENCE, Kind.INTERRUPTION, Kind.ASSIGNMENT, Kind.CHECKIN])
def test_what_grows_and_shrinks_as_a_matter_of_course_is_not_moved(kind: Kind) -> None:
    changed = entry(kind=kind, when=DAY, before=Before(AllDay(DAY.start, DAY.end + timedelta(days=3))))
    assert titles(changed, absence_details="reason") == titles(entry(kind=kind, when=DAY))


@pytest.mark.parametrize(
    ("language", "title"),
    [("nl", "Vervangt J. Janssens"), ("en", "Replaces J. Janssens"), ("fr", "Remplace J. Janssens")],
)
def test_a_substitution_names_the_colleague(language: str, title: str) -> None:
    assert titles(entry(kind=Kind.SUBSTITUTION, title="x", colleague="J. Janssens"), language=language) == [title]


@pytest.mark.parametrize(
    ("hours", "full", "told"), [(4, 20, "Uren: 4/20"), (10.5, 20, "Uren: 10,5/20"), (4, None, "Uren: 4")]
)
def test_an_assignment_tells_its_hours(hours: float, full: float | None, told: str) -> None:
    assignment = entry(kind=Kind.ASSIGNMENT, title="Leraar", when=DAY, hours=hours, full_hours=full)
    assert (only(assignment)["summary"], only(assignment)["description"]) == ("Leraar", told)


def test_a_notice_tells_what_it_says() -> None:
    assert only(entry(kind=Kind.NOTICE, notes="Hoofdingang dicht"))["description"] == "Hoofdingang dicht"


def test_a_place_is_where_it_is() -> None:
    assert only(entry(position=(52.3702, 4.8952)))["geo"].to_ical() == "52.3702;4.8952"
