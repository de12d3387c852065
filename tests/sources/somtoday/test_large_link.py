"""Texts at a school's iCal link that no school makes, and that take long to read."""

import pytest

from bridge.errors import BadResponse
from bridge.sources.somtoday.mapping.link import read_link
from bridge.upstream.reply import Body
from tests.sources.somtoday.answers import ZONE, link
from tests.within import within

MOST = 8_000_000


def of(piece: str, before: str = "", after: str = "") -> Body:
    """A calendar of about 8 MB of the same."""
    return Body((f"BEGIN:VCALENDAR\n{before}{piece * (MOST // len(piece))}{after}\nEND:VCALENDAR\n".encode(),))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (of("BEGIN:VEVENT\nEND:VEVENT\n"), "more than 10,000 events"),
        (of("begin:vevent\nend:vevent\n"), "more than 10,000 events"),
        (of("BEGIN:VTODO\nEND:VTODO\n"), "more than 200,000 lines, or 30,000 parts"),
        (of("BEGIN:VALARM\nA:1\nB:2\nA:1\nB:2\nA:1\nB:2\nA:1\nB:2\nEND:VALARM\n"), "more than 200,000 lines"),
        (of("A:1\n", "BEGIN:VEVENT\n", "END:VEVENT"), "more than 200,000 lines"),
        (of(";A=1", "BEGIN:VEVENT\nDTSTART", ":20261126\nEND:VEVENT"), "a line of more than 100,000 bytes"),
        (of(f"{';A=1' * 100}\n ", "BEGIN:VEVENT\nDTSTART", ":20261126\nEND:VEVENT"), "a line of more than 100,000"),
        (of("x", "BEGIN:VEVENT\nDESCRIPTION:", "\nEND:VEVENT"), "a line of more than 100,000 bytes"),
    ],
    ids=["events", "small letters", "tasks", "alarms", "properties", "parameters", "folded parameters", "a text"],
)
def test_what_takes_long_to_read_is_refused_with_a_sentence(text: Body, sentence: str) -> None:
    with within(3), pytest.raises(BadResponse, match=f"Fortes has an iCal link with {sentence}"):
        read_link(text, zone=ZONE, origin="Fortes")


def test_a_calendar_of_a_thousand_lessons_is_read() -> None:
    lesson = "SUMMARY:Les {}\nLOCATION:A1\nDESCRIPTION:" + "Neem je boek mee. " * 20
    assert len(link(*(lesson.format(number) for number in range(1000))).events) == 1000
