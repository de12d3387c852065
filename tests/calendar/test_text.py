"""Whatever an upstream writes, two parsers that know nothing of each other read the same calendar."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream

from bridge.calendar.days import days_of
from bridge.model.event import AllDay, Kind, Timed
from tests.calendar.entries import changes, entry, events_in, lines_of, rendered, week
from tests.strategies import days, hostile, timed

# icalendar writes and reads a backslash before a capital N as a line break, whatever others do.
texts = hostile.filter(lambda text: "\\N" not in text)


@given(title=texts, notes=texts, place=texts, when=timed | days)
def test_two_parsers_agree_on_what_was_meant(title: str, notes: str, place: str, when: Timed | AllDay) -> None:
    one = entry(title=title, notes=notes, locations=(place,), teachers=(title,), when=when)
    calendar = rendered(one)
    (theirs,) = events_in(calendar)
    (others,) = IcsCalendarStream.calendar_from_ics(calendar.decode()).events
    assert str(theirs["uid"]) == others.uid == one.uid
    assert str(theirs["summary"]) == others.summary == (one.event.title or "Les")
    assert str(theirs.get("location", "")) == (others.location or "") == ", ".join(one.event.locations)
    assert str(theirs.get("description", "")) == (others.description or "")
    assert one.event.notes in (others.description or "")
    assert theirs["dtstart"].dt == others.dtstart
    assert theirs["dtend"].dt == others.dtend
    shown = days_of(when) or when
    assert (others.dtstart, others.dtend) == (shown.start, shown.end)


@pytest.mark.parametrize("options", [{}, {"alarms": ",".join(f"{kind}:90m" for kind in Kind)}, {"privacy": "busy"}])
def test_two_parsers_agree_on_every_kind(options: dict[str, str]) -> None:
    calendar = rendered(*week(), *changes(), **options)
    theirs = {(str(one["uid"]), str(one["summary"]), len(one.walk("VALARM"))) for one in events_in(calendar)}
    others = IcsCalendarStream.calendar_from_ics(calendar.decode()).events
    assert {(one.uid, one.summary, len(one.alarm)) for one in others} == theirs


@given(title=hostile, notes=hostile)
def test_no_text_opens_a_line_of_its_own(title: str, notes: str) -> None:
    spiteful = entry(title=title, notes=f"{notes}\nATTACH:x", groups=(title,), url=f"https://a.example/{title}")
    plain = entry(title="x", notes="x", groups=("x",), url="https://a.example/x")

    def names(calendar: bytes) -> list[str]:
        found = [line.partition(":")[0].partition(";")[0] for line in lines_of(calendar)]
        return [name for name in found if name != "URL"]  # what is no address is left out

    assert names(rendered(spiteful)) == names(rendered(plain))


@given(kind=st.sampled_from(Kind), reason=hostile)
def test_a_hidden_reason_is_nowhere(kind: Kind, reason: str) -> None:
    assert rendered(entry(kind=kind, reason=f"griep{reason}")).find(b"griep") == -1
