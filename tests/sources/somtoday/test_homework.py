"""Homework and tests: of a lesson, a day or weeks; each once, in its place."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bridge.errors import BadResponse
from bridge.model.event import AllDay, Kind, Progress, Task, Timed
from bridge.sources.somtoday.mapping.homework import read_homework
from bridge.sources.somtoday.mapping.timetable import Timetable
from bridge.upstream.contract import Unread
from bridge.upstream.markup import plain
from tests.sources.bodies import body
from tests.sources.somtoday.answers import (
    ZONE,
    appointment,
    assignment,
    assignments,
    homework,
    item,
    links,
    only,
    schedule,
    tasked,
    ticked,
    utc,
    weeks,
)

SAMPLES = Path(__file__).parent / "samples"
AMSTERDAM = "Europe/Amsterdam"
DAY = {"datumTijd": "2026-09-07T00:00:00.000+02:00"}
TEST = {"afspraakItemType": "ROOSTERTOETS"}
MAKE = Task("toekenning:12345678901", "Opgaven: Maken 3 t/m 8")


def week(first: object, last: object = None, year: str = "2026-08-01", **changes: Any) -> dict[str, Any]:
    told = assignment(weeknummerVanaf=first, weeknummerTm=first if last is None else last, **changes)
    told["lesgroep"]["schooljaar"]["vanafDatum"] = year
    return told


def test_homework_of_a_lesson_has_the_lessons_times_and_its_text_stands_at_the_lesson() -> None:
    lessons = weeks(item(eindDatumTijd="2026-09-07T11:35:00"))
    event = only(homework(lessons, tied=[assignment()]))
    assert (event.kind, event.title, event.notes) == (Kind.HOMEWORK, "aardrijkskunde: Opgaven", "Maken 3 t/m 8")
    assert event.when == Timed(utc(2026, 9, 7, 8, 30), utc(2026, 9, 7, 9, 35), AMSTERDAM)
    assert (event.identity, event.code, event.groups) == ("toekenning:12345678901", "ak", ("A5ak",))
    assert event.progress is Progress.DUE
    assert only(tasked(lessons, tied=[assignment()])).tasks == (MAKE,)


def test_homework_whose_lesson_is_not_known_lasts_as_long_as_most_lessons() -> None:
    for lessons in (None, weeks(item(beginDatumTijd="2026-09-07T09:30:00"))):
        event = only(homework(lessons, tied=[assignment()]))
        assert event.when == Timed(utc(2026, 9, 7, 8, 30), utc(2026, 9, 7, 9, 20), AMSTERDAM)


def test_of_two_lessons_at_once_homework_belongs_to_the_one_in_its_subject() -> None:
    other = item("1", vak={"afkorting": "mu", "naam": "muziek"}, eindDatumTijd="2026-09-07T12:00:00")
    lessons = weeks(other, item("2"))
    assert [event.tasks for event in tasked(lessons, tied=[assignment()]).events] == [(), (MAKE,)]
    assert only(homework(weeks(other), tied=[assignment()])).when.end == utc(2026, 9, 7, 9, 20)


def test_a_lesson_without_a_subject_takes_what_begins_with_it() -> None:
    lesson = item(vak=None, eindDatumTijd="2026-09-07T12:00:00")
    assert only(homework(weeks(lesson), tied=[assignment()])).when.end == utc(2026, 9, 7, 10)


def test_a_lesson_with_nothing_to_do_says_so_and_one_with_much_says_all() -> None:
    lessons = weeks(item("1"), item("2", beginDatumTijd="2026-09-08T10:30:00", eindDatumTijd="2026-09-08T11:20:00"))
    both = [assignment(1), assignment(2, studiewijzerItem={"onderwerp": "Lezen", "huiswerkType": "LESSTOF"})]
    first, second = tasked(lessons, tied=both).events
    assert first.tasks == (replace(MAKE, identity="toekenning:1"), Task("toekenning:2", "Lezen"))
    assert second.tasks == ()
    assert [event.tasks for event in lessons.events] == [None, None], "where nothing is known, nothing is said"


def test_homework_works_beside_the_documented_timetable_too() -> None:
    lesson = appointment(
        beginDatumTijd="2026-09-07T10:30:00.000+02:00",
        additionalObjects={"vak": {"afkorting": "AK", "naam": "Aardrijkskunde"}},
    )
    assert only(homework(schedule(lesson), tied=[assignment()])).when.end == utc(2026, 9, 7, 10)
    assert only(tasked(schedule(lesson), tied=[assignment()])).tasks == (MAKE,)


def test_homework_knows_the_lesson_that_cannot_be_read() -> None:
    [event] = homework(weeks(item("2", locatie={"odd": 1})), tied=[assignment()]).events
    assert event.lesson == "2", "so that it stays in that lesson, which stays as it was"


def test_homework_of_a_day_takes_that_day_on_both_sides_of_a_clock_change() -> None:
    september, december = date(2026, 9, 7), date(2026, 12, 7)
    for stamp, day in (
        ("2026-09-07T00:00:00.000+02:00", september),
        ("2026-09-06T22:00:00Z", september),
        ("2026-09-07T00:00:00Z", september),
        ("2026-12-07T00:00:00.000+01:00", december),
        ("2026-12-06T23:00:00.000Z", december),
        ("2026-12-07", december),
    ):
        event = only(homework(day=[assignment(datumTijd=stamp)]))
        assert event.when == AllDay(day, day + timedelta(days=1)), stamp
    assert only(homework(tied=[assignment(**DAY)])).when == AllDay(date(2026, 9, 7), date(2026, 9, 8))


@pytest.mark.parametrize(
    ("first", "last", "year", "days"),
    [
        (37, None, "2026-08-01", AllDay(date(2026, 9, 7), date(2026, 9, 12))),
        (31, None, "2026-08-01", AllDay(date(2026, 7, 27), date(2026, 8, 1))),
        (53, None, "2026-08-01", AllDay(date(2026, 12, 28), date(2027, 1, 2))),
        (1, None, "2026-08-01", AllDay(date(2027, 1, 4), date(2027, 1, 9))),
        (30, None, "2026-08-01", AllDay(date(2027, 7, 26), date(2027, 7, 31))),
    ],
)
def test_homework_of_weeks_is_from_monday_to_friday_of_the_school_year(
    first: int, last: int | None, year: str, days: AllDay
) -> None:
    assert only(homework(week=[week(first, last, year)])).when == days


@pytest.mark.parametrize(
    ("first", "last", "mondays"),
    [
        (37, 38, [date(2026, 9, 7), date(2026, 9, 14)]),
        (53, 1, [date(2026, 12, 28), date(2027, 1, 4)]),
        (40, 42, [date(2026, 9, 28), date(2026, 10, 5), date(2026, 10, 12)]),
    ],
)
def test_homework_of_several_weeks_leaves_the_weekends_free(first: int, last: int, mondays: list[date]) -> None:
    events = homework(week=[week(first, last)]).events
    assert [event.when for event in events] == [AllDay(monday, monday + timedelta(days=5)) for monday in mondays]
    assert len({event.identity for event in events}) == len(mondays)
    assert events[0].identity == "toekenning:12345678901", "the first goes on under the name that it had"
    assert {event.title for event in events} == {"aardrijkskunde: Opgaven"}
    assert homework(week=[week(first, last)]).events == events


def test_a_test_that_is_set_for_a_lesson_belongs_to_it() -> None:
    told = assignment(sort="TOETS")
    event, lesson = only(homework(weeks(item()), tied=[told])), only(tasked(weeks(item()), tied=[told]))
    assert (event.kind, event.lesson, event.when) == (Kind.EXAM, lesson.identity, lesson.when)
    (task,) = lesson.tasks or ()
    assert (task.identity, task.kind, task.title) == (event.identity, Kind.EXAM, "Toets aardrijkskunde: Opgaven")


def test_a_task_of_several_points_is_one_line_that_can_be_read() -> None:
    html = "<p>Leren:</p><ul><li>woorden B</li><li>grammatica;</li></ul>"
    told = assignment(studiewijzerItem={"onderwerp": "Unit 3", "omschrijving": html})
    (task,) = only(tasked(weeks(item()), tied=[told])).tasks or ()
    assert task.text == "Unit 3: Leren: woorden B; grammatica;"


def test_homework_knows_its_lesson_and_that_of_a_day_has_none() -> None:
    lessons = weeks(item("1"), item("2", vak={"afkorting": "mu", "naam": "muziek"}))
    assert only(homework(lessons, tied=[assignment()])).lesson == "1"
    assert only(homework(None, tied=[assignment()])).lesson == ""
    assert only(homework(lessons, day=[assignment(**DAY)])).lesson == ""


@pytest.mark.parametrize(
    "told", [week(53, year="2027-08-01"), week(60), week(None), week(40, 37), week(37, year="x"), week("x")]
)
def test_a_week_that_there_is_not_is_skipped_and_counted(told: dict[str, Any]) -> None:
    reading = homework(week=[told, week(37), week(38, links=[])])
    assert (len(reading.events), reading.skipped) == (2, 1)


@pytest.mark.parametrize(
    ("sort", "kind", "title", "label"),
    [
        ("HUISWERK", Kind.HOMEWORK, "aardrijkskunde: Opgaven", ""),
        ("LESSTOF", Kind.HOMEWORK, "aardrijkskunde: Opgaven", "Lesstof"),
        ("TOETS", Kind.EXAM, "Toets aardrijkskunde: Opgaven", ""),
        ("GROTE_TOETS", Kind.EXAM, "Grote toets aardrijkskunde: Opgaven", ""),
        (" toets ", Kind.EXAM, "Toets aardrijkskunde: Opgaven", ""),
        ("IETS_NIEUWS", Kind.HOMEWORK, "aardrijkskunde: Opgaven", "Iets nieuws"),
        (None, Kind.HOMEWORK, "aardrijkskunde: Opgaven", ""),
    ],
)
@pytest.mark.parametrize("listed", ["tied", "day"])
def test_a_test_is_an_exam_whatever_list_it_comes_in(
    listed: str, sort: str | None, kind: Kind, title: str, label: str
) -> None:
    event = only(homework(None, **{listed: [assignment(sort=sort)]}))
    assert (event.kind, event.title, event.label) == (kind, title, label)


@pytest.mark.parametrize("listed", ["tied", "day", "week"])
def test_a_test_that_is_in_the_timetable_shows_there_and_nowhere_else(listed: str) -> None:
    lessons = weeks(item(**TEST))
    told = assignment(sort="TOETS", weeknummerVanaf=37, weeknummerTm=37)
    assert homework(lessons, **{listed: [told]}).events == ()
    (task,) = only(tasked(lessons, **{listed: [told]})).tasks or ()
    assert (task.kind, task.text, task.identity) == (Kind.EXAM, "Opgaven: Maken 3 t/m 8", "")


def test_a_test_in_another_subject_or_on_another_day_is_another_test() -> None:
    music = item(vak={"afkorting": "mu", "naam": "muziek"}, **TEST)
    later = item(beginDatumTijd="2026-09-09T10:30:00", eindDatumTijd="2026-09-09T11:20:00", **TEST)
    for lessons in (weeks(music), weeks(later), weeks(item())):
        assert only(homework(lessons, day=[assignment(sort="TOETS", **DAY)])).kind is Kind.EXAM


def test_homework_for_a_lesson_in_which_there_is_a_test_shows_beside_it() -> None:
    assert only(homework(weeks(item(**TEST)), tied=[assignment()])).kind is Kind.HOMEWORK


@pytest.mark.parametrize(
    ("extras", "progress"),
    [
        (ticked(), Progress.DONE),
        (ticked(made=False), Progress.DUE),
        (ticked(99), Progress.DUE),
        ({"swigemaaktVinkjes": None}, Progress.DUE),
        ({"swigemaaktVinkjes": {"items": None}}, Progress.DUE),
        (None, Progress.DUE),
    ],
)
def test_homework_is_done_when_this_pupil_has_ticked_it(extras: dict[str, Any] | None, progress: Progress) -> None:
    told = assignment(additionalObjects=extras)
    assert only(homework(tied=[told])).progress is progress
    line = only(tasked(weeks(item()), tied=[told])).tasks
    assert line == (replace(MAKE, done=progress is Progress.DONE),)


def test_another_pupils_homework_and_what_is_hidden_do_not_show() -> None:
    others = assignment(additionalObjects={"leerlingen": {"items": [links(99)]}})
    hidden = assignment(studiewijzerItem={"onderwerp": "x", "tonen": False})
    reading = homework(tied=[others, hidden])
    assert (reading.events, reading.skipped) == ((), 0)


def test_the_same_homework_in_two_lists_shows_once() -> None:
    assert only(homework(tied=[assignment(7)], day=[assignment("007", **DAY)])).identity == "toekenning:7"


def test_homework_without_an_id_has_a_stable_one_of_its_own() -> None:
    told = [assignment(links=[]), assignment(links=[], studiewijzerItem={"onderwerp": "Lezen"})]
    identities = {event.identity for event in homework(tied=told).events}
    assert len(identities) == 2
    assert {event.identity for event in homework(tied=told[::-1]).events} == identities


@pytest.mark.parametrize(
    ("study", "title", "notes"),
    [
        ({"onderwerp": "Lezen", "omschrijving": ""}, "aardrijkskunde: Lezen", ""),
        ({"onderwerp": None, "omschrijving": "<p>Maken 3</p><p>en 4</p>"}, "aardrijkskunde: Maken 3", "Maken 3\nen 4"),
        ({"onderwerp": "", "omschrijving": "Maken 3"}, "aardrijkskunde: Maken 3", ""),
        ({"onderwerp": "A &amp; B", "omschrijving": None}, "aardrijkskunde: A & B", ""),
        (None, "aardrijkskunde", ""),
    ],
)
def test_homework_is_named_by_its_topic_else_by_its_first_line(
    study: dict[str, Any] | None, title: str, notes: str
) -> None:
    event = only(homework(tied=[assignment(studiewijzerItem=study)]))
    assert (event.title, event.notes) == (title, notes)


@pytest.mark.parametrize("broken", [None, 7, {}, {"datumTijd": "yyyy-MM-dd"}, {"links": 7}])
def test_homework_that_cannot_be_read_is_skipped_and_counted(broken: object) -> None:
    reading = homework(tied=[assignment(1), assignment(2), broken])
    assert (len(reading.events), reading.skipped) == (2, 1)
    with pytest.raises(BadResponse):
        homework(tied=[broken])


def sample(name: str, listed: str) -> Any:
    pages = {listed: [body((SAMPLES / f"{name}.json").read_bytes())]}
    pupil = "12345678901"
    return read_homework(assignments(pages, pupil), Timetable((), ZONE))


def test_the_samples_are_read_as_they_were() -> None:
    tied = only(sample("studiewijzeritemafspraaktoekenningen-echt", "afspraaktoekenningen"))
    assert tied.title == "Grote toets Engelse taal en literatuur: Unit 3"
    assert tied.notes == "Leren Unit 3:\n• words\n• grammar"
    assert tied.when == Timed(utc(2020, 10, 8, 9, 15), utc(2020, 10, 8, 10, 5), AMSTERDAM)
    day = only(sample("studiewijzeritemdagtoekenningen", "dagtoekenningen"))
    assert (day.title, day.notes) == ("engelse taal en literatuur: Topic", "Description")
    assert day.when == AllDay(date(2020, 10, 8), date(2020, 10, 9))
    first, second = sample("studiewijzeritemweektoekenningen-echt", "weektoekenningen").events
    assert first.when == AllDay(date(2020, 12, 28), date(2021, 1, 2))
    assert second.when == AllDay(date(2021, 1, 4), date(2021, 1, 9))
    assert first.progress is Progress.DUE, "the tick is another pupil's"


@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ("studiewijzeritemafspraaktoekenningen", "afspraaktoekenningen"),
        ("studiewijzeritemweektoekenningen", "weektoekenningen"),
    ],
)
def test_samples_without_a_real_moment_fail_the_part(name: str, listed: str) -> None:
    with pytest.raises(BadResponse):
        sample(name, listed)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("Maken 3 t/m 8", "Maken 3 t/m 8"),
        ("a < b en c > d", "a < b en c > d"),
        ("<p>Maken <b>opgave 3</b></p>", "Maken opgave 3"),
        ("<p>een</p><p>twee</p>", "een\ntwee"),
        ("een<br>twee<br/>drie", "een\ntwee\ndrie"),
        ("<div>een<div>twee</div>drie</div>", "een\ntwee\ndrie"),
        ("<ul><li>een</li><li>twee <i>of</i> drie</li></ul>vier", "• een\n• twee of drie\nvier"),
        ("<ol><li><p>een</p></li></ol>", "• een"),
        ("Tom &amp; Jerry &euro; 5&nbsp;per stuk", "Tom & Jerry € 5 per stuk"),
        ("<p>  veel\n  wit  </p>\n\n<p></p>", "veel wit"),
        ("<script>alert(1)</script><style>p{}</style><!-- x -->tekst", "tekst"),
        ("<p>niet <b>gesloten", "niet gesloten"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
    ],
)
def test_markup_becomes_plain_lines(html: str, text: str) -> None:
    assert plain(html) == text


def test_deep_markup_ends_in_text() -> None:
    assert plain("<div>" * 2000 + "diep" + "</div>" * 2000) == "diep"


@pytest.mark.parametrize(
    ("since", "first", "last", "monday", "saturday"),
    [
        (date(2026, 7, 10), 37, 37, date(2026, 9, 7), date(2026, 9, 12)),
        (date(2026, 7, 10), 22, 22, date(2027, 5, 31), date(2027, 6, 5)),
        (date(2027, 5, 11), 35, 35, date(2027, 8, 30), date(2027, 9, 4)),
        (date(2026, 11, 1), 51, 2, date(2026, 12, 14), date(2027, 1, 16)),
        (date(2027, 1, 5), 51, 2, date(2026, 12, 14), date(2027, 1, 16)),
        (date(2026, 11, 1), 53, None, date(2026, 12, 28), date(2027, 1, 2)),
    ],
)
def test_weeks_without_a_school_year_are_the_first_that_were_asked_for(
    since: date, first: int, last: int | None, monday: date, saturday: date
) -> None:
    told = assignment(weeknummerVanaf=first, weeknummerTm=last)
    del told["lesgroep"]["schooljaar"]
    events = homework(None, since, week=[told]).events
    assert events[0].when.start == monday
    assert events[-1].when.end == saturday


def test_a_week_that_no_year_has_cannot_be_read_and_keeps_its_event() -> None:
    told = assignment(2, weeknummerVanaf=60)
    del told["lesgroep"]["schooljaar"]
    good = assignment(1, weeknummerVanaf=37)
    assert homework(week=[good, told]).unread == (Unread("toekenning:2"),)
