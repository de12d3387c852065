"""Titles as a feed's owner wants them."""

import pytest

from bridge.model.event import Kind, Status, Task
from tests.calendar.entries import DAY, entry, only, titles

FULL = entry(
    title="Wiskunde B",
    subject="Wiskunde",
    code="wisB",
    groups=("4V2", "4V3"),
    teachers=("Abc",),
    locations=("A1.03", "A1.04"),
)


@pytest.mark.parametrize(
    ("template", "title"),
    [
        ("{subject}", "Wiskunde"),
        ("{code} · {location}", "wisB · A1.03, A1.04"),
        ("{group}/{teacher}", "4V2, 4V3/Abc"),
        ("  {code}   {{x}} ", "wisB {x}"),
        ("Les", "Les"),
        ("{code}\r\nX-EVIL:1\x00", "wisB X-EVIL:1"),
    ],
)
def test_a_title_is_as_its_template_says(template: str, title: str) -> None:
    assert titles(FULL, title=template) == [title]


@pytest.mark.parametrize(
    ("template", "title"),
    [
        ("{code} ({location})", "wisB"),
        ("{location} - {code}", "wisB"),
        ("{code} [{teacher}] {group}", "wisB"),
        ("{location}{teacher}", "Wiskunde"),
        ("Lokaal {location}", "Wiskunde"),
        ("{subject}, {location}", "Wiskunde"),
    ],
)
def test_what_is_not_known_leaves_no_hole(template: str, title: str) -> None:
    assert titles(entry(code="wisB"), title=template) == [title]


def test_what_the_template_leaves_out_is_told_in_the_description() -> None:
    assert str(only(FULL, title="{code}")["description"]).splitlines()[0] == "Titel: Wiskunde B"
    assert "Wiskunde B" not in only(FULL, title="{code} Wiskunde B")["description"]


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in {Kind.LESSON, Kind.EXAM}])
def test_a_template_is_for_lessons_and_exams(kind: Kind) -> None:
    other = entry(kind=kind, title="Maak 3", subject="Wiskunde", when=DAY)
    assert titles(other, title="{subject}") == titles(other)


def test_patterns_see_the_title_that_is_shown() -> None:
    assert titles(FULL, title="{code}", include="wisb") == ["wisB"]
    assert titles(FULL, title="{code}", include="wiskunde") == []


def test_marks_go_around_the_template() -> None:
    assert titles(entry(code="wisB", status=Status.CANCELLED, tasks=(Task("7", "x"),)), title="{code}") == [
        "Vervalt: wisB · huiswerk"
    ]
