from datetime import UTC, datetime, timedelta

import pytest

from bridge.model.event import Event, Kind, Timed
from bridge.model.names import Names, join_names, name_event

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
NAMES = Names("Fortes Lyceum", {"wisb": "Wiskunde B", "mu": "Muziek"}, {"a1": "Aula"})


def lesson(title: str, *, code: str = "", subject: str = "", kind: Kind = Kind.LESSON) -> Event:
    when = Timed(START, START + timedelta(minutes=50), "Europe/Amsterdam")
    return Event("1", kind, when, title, subject=subject, code=code, locations=("A1", "b2"))


@pytest.mark.parametrize(
    ("event", "title"),
    [
        pytest.param(lesson("wiskunde B", code="wisB", subject="wiskunde B"), "Wiskunde B", id="another name"),
        pytest.param(lesson("mu", code="mu", subject="mu"), "Muziek", id="no name but the abbreviation"),
        pytest.param(lesson("MU"), "Muziek", id="the title is the abbreviation"),
        pytest.param(
            lesson("Toets wiskunde B", code="wisB", subject="wiskunde B"), "Toets Wiskunde B", id="in a title"
        ),
        pytest.param(lesson("mu: museum en mu", code="mu", subject="mu"), "Muziek: museum en mu", id="before a text"),
        pytest.param(lesson("museum", code="mu", subject="mu"), "museum", id="within a word"),
        pytest.param(lesson("Mentoruur", code="wisB", subject="wiskunde B"), "Mentoruur", id="another title"),
        pytest.param(lesson("Frans", code="fatl", subject="Frans"), "Frans", id="unknown"),
    ],
)
def test_a_title_gets_the_full_name_of_its_subject(event: Event, title: str) -> None:
    named = name_event(event, NAMES)
    assert (named.title, named.locations) == (title, ("Aula", "b2"))


def test_what_is_not_taught_keeps_its_words() -> None:
    holiday = lesson("mu", kind=Kind.HOLIDAY)
    assert name_event(holiday, NAMES) == holiday


def test_the_first_register_that_knows_a_thing_counts() -> None:
    joined = join_names([Names(subjects={"mu": "Muziek"}), Names("Fortes", {"mu": "Music", "ak": "Aardrijkskunde"})])
    assert joined == Names("Fortes", {"mu": "Muziek", "ak": "Aardrijkskunde"})


def test_names_of_studies_are_joined_too() -> None:
    one, other = Names(studied={"5h": {"ku": "Kunst"}}), Names(studied={"5h": {"ku": "x", "be": "Beeld"}, "6v": {}})
    assert join_names([one, other]).studied == {"5h": {"ku": "Kunst", "be": "Beeld"}, "6v": {}}
