"""The HTML of teachers, whatever it is, becomes text in no time."""

import time
import tracemalloc
from datetime import date

import pytest

from bridge.model.event import AllDay, Event, Kind
from bridge.upstream.markup import heading, plain, without_markup
from tests.sources.somtoday.answers import (
    absences,
    appointment,
    assignment,
    homework,
    item,
    link,
    only,
    registrations,
    report,
    schedule,
    vacation,
    vacations,
    weeks,
)

SOON = 1.5  # 0.05 s, but for the collector that walks through all that tests have made


@pytest.mark.parametrize("html", ["<!--" * 20_000, "<" * 80_000, "<li> " * 20_000, "&" * 80_000, "<a href='" * 9_000])
def test_80_kb_of_markup_do_not_hold_up_a_refresh(html: str) -> None:
    started = time.process_time()
    plain(html)
    assert time.process_time() - started < SOON


def test_very_long_texts_do_not_stay_in_memory() -> None:
    schedule(appointment(titel="<b>Toets</b>", omschrijving="Toets"))
    tracemalloc.start()
    try:
        for number in range(20):
            long = f"<b>{number}</b>{'woord ' * 5_000}"
            schedule(appointment(titel=long, omschrijving=long, additionalObjects={}))
        assert tracemalloc.get_traced_memory()[0] < 200_000
    finally:
        tracemalloc.stop()


def test_a_tag_that_does_not_end_is_text() -> None:
    assert plain("<p>3 < 4</p> en a <b") == "3 < 4\nen a <b"


BOOK = '<a href="https://boek.example/p?a=1&amp;b=2">het boek</a>'
TOLD = "het boek (https://boek.example/p?a=1&b=2)"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (f"<p>Lees {BOOK}.</p>", f"Lees {TOLD}."),
        ('<a href="https://a.example/">https://a.example</a> lezen', "https://a.example lezen"),
        ('<a href="mailto:docent@a.example?subject=x">de docent</a>', "de docent (docent@a.example)"),
        ('<a href="https://a.example/x">boek </a>lezen', "boek (https://a.example/x) lezen"),
        ('<a href="#onder">onder</a> <a href="/x">x</a> <a href="javascript:y()">y</a> <a>z</a>', "onder x y z"),
        ('<a href="https://a.example/x"><b>twee</b> woorden</a>', "twee woorden (https://a.example/x)"),
    ],
)
def test_where_a_link_leads_stands_behind_its_words(html: str, text: str) -> None:
    assert plain(html) == text


def test_a_title_has_the_words_of_a_link_and_not_where_it_leads() -> None:
    assert heading(f"<p>Lees</p> {BOOK}") == "Lees het boek"
    study = {"onderwerp": BOOK, "huiswerkType": "HUISWERK", "omschrijving": f"Maken {BOOK}"}
    event = only(homework(tied=[assignment(studiewijzerItem=study)]))
    assert (event.title, event.notes) == ("aardrijkskunde: het boek", f"Maken {TOLD}")
    bare = only(homework(tied=[assignment(studiewijzerItem=study | {"onderwerp": None})]))
    assert (bare.title, bare.notes) == ("aardrijkskunde: Maken het boek", f"Maken {TOLD}")
    lesson = only(schedule(appointment(titel=BOOK, omschrijving=BOOK, additionalObjects={})))
    assert (lesson.title, lesson.notes) == ("het boek", TOLD)


def test_html_is_text_in_messages_reasons_holidays_and_the_ical_link_too() -> None:
    assert only(weeks(item(wijzigingOmschrijving=f"<p>Lees <b>eerst</b> {BOOK}</p>"))).notes == f"Lees eerst {TOLD}"
    notes = [{"status": "4007", "message": f"<p>De les&nbsp;vervalt: zie {BOOK}</p>"}]
    assert only(weeks(item(statusNotifications=notes))).reason == f"zie {TOLD}"
    named = item(vak={"naam": "Taal &amp; <i>cultuur</i>"}, docentNamen=["<b>GHI</b>"], locatie="a&amp;b")
    event = only(weeks(named))
    assert (event.title, event.teachers, event.locations) == ("Taal & cultuur", ("GHI",), ("a&b",))
    assert (
        only(absences([report(absentieReden={"omschrijving": f"Zie {BOOK} &amp; meer"})])).reason
        == f"Zie {TOLD} & meer"
    )
    late = {"begin": "2026-09-07T11:15:00", "registratieId": 1, "omschrijving": "<p>Te laat</p>"}
    assert only(registrations({"teLaat": [late]})).reason == "Te laat"
    assert only(vacations(vacation(naam="Herfst &amp; meer"))).title == "Herfst & meer"
    told = only(link(f"SUMMARY:<b>Les</b> {BOOK}\nDESCRIPTION:<p>Lees {BOOK}</p>\nLOCATION:a&amp\\;b"))
    assert (told.title, told.notes, told.locations) == ("Les het boek", f"Lees {TOLD}", ("a&b",))


def test_a_plain_text_stays_as_somebody_wrote_it_and_markup_in_it_goes() -> None:
    days = AllDay(date(2026, 9, 7), date(2026, 9, 8))
    event = Event("1", Kind.INTERRUPTION, days, title="Q&A <3", reason="ziek\nthuis", teachers=("J. <jan@x.example>",))
    assert without_markup(event) is event
    marked = Event(
        "1", Kind.INTERRUPTION, days, title="Q&amp;A", reason="<p>ziek</p>", notes="een<br/>twee\n<i>drie</i>"
    )
    clean = without_markup(marked)
    assert (clean.title, clean.reason, clean.notes) == ("Q&A", "ziek", "een\ntwee drie")
    assert without_markup(
        Event("1", Kind.CHECKIN, days, title="", private_notes="Mood: 7\nIt was <b>good</b>")
    ).private_notes == ("Mood: 7\nIt was good")
