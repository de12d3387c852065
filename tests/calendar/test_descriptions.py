"""Five descriptions in full, in each language: short enough to be read aloud in five seconds."""

import re
from typing import Any

import pytest
from msgspec.structs import replace
from syrupy.assertion import SnapshotAssertion

from bridge.calendar.words import LANGUAGES
from bridge.model.event import Before, Kind, Link, Status, Task
from bridge.model.tracked import TrackedEvent
from tests.calendar.entries import CHANGED, DAY, LESSON, between, entry, only

MOST_WORDS = 20  # at four words a second
ANNA: dict[str, Any] = {"teachers": ("Bos",), "groups": ("A5entl",), "periods": (4, 4)}
DESCRIBED: dict[str, TrackedEvent] = {
    "cancelled": entry(title="Nederlands", status=Status.CANCELLED, reason="Docent ziek", **ANNA),
    "moved": replace(
        entry(
            title="Engels",
            when=between(LESSON.start, 50, LESSON.zone),
            tasks=(Task("1", "Exercise 12"),),
            **ANNA,
        ),
        before=Before(when=between(LESSON.start.replace(hour=9), 50, LESSON.zone), locations=("d022",)),
        changed=CHANGED,
    ),
    "exam": entry(
        title="Toets Wiskunde B", kind=Kind.EXAM, tasks=(Task("2", "Leer § 3.1 t/m 3.4", Kind.EXAM, "Toets"),), **ANNA
    ),
    "lecture": entry(
        title="Datastructuren",
        label="Hoorcollege",
        teachers=("dr. E. van Dijk",),
        groups=("INF-A1",),
        code="5062DATA6Y",
        conference="https://video.example/j/C86BF9845",
        links=(Link("REC C0.01", "https://kaart.example/c001"),),
    ),
    "substitution": entry(
        kind=Kind.SUBSTITUTION,
        title="",
        when=DAY,
        colleague="Jan Wouters",
        subject="Wetenschappelijk werk",
        groups=("1A", "1B"),
        locations=("Campus Zuid",),
        hours=6,
    ),
}


def words_of(description: str) -> list[str]:
    """The words that are read aloud: addresses are opened."""
    return [word for word in description.split() if not word.startswith("https://") and re.search(r"\w", word)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", DESCRIBED)
def test_a_description_can_be_read_aloud_in_five_seconds(name: str, language: str, snapshot: SnapshotAssertion) -> None:
    shown = only(DESCRIBED[name], language=language)
    description = str(shown["description"])
    assert len(words_of(description)) <= MOST_WORDS
    assert f"{shown['summary']}\n{description}" == snapshot
