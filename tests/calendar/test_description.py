"""What a description says, in which order, and in whose words."""

import pytest
from msgspec.structs import replace

from bridge.model.event import Before, Kind, Link, Task
from tests.calendar.entries import DAY, LESSON, entry, only, rendered

LECTURE = entry(
    title="Datastructuren",
    subject="Datastructuren",
    code="5062DATA6Y",
    label="Hoorcollege",
    groups=("INF-A1",),
    teachers=("dr. E. van Dijk",),
    locations=("REC C0.01",),
    periods=(1, 2),
    notes="Neem je laptop mee",
    tasks=(Task("7", "Lees hoofdstuk 3"),),
    week="lesweek 3",
    before=Before(locations=("REC A1.02",)),
    conference="https://meet.example.nl/x",
    recording="https://video.example.nl/y",
    links=(Link("REC C0.01", "https://kaart.example.nl/c001"),),
    url="https://rooster.example.nl/z",
)
ADDRESSES = "https://video.example.nl/y", "https://kaart.example.nl/c001", "https://rooster.example.nl/z"


def described(language: str) -> list[str]:
    return str(only(LECTURE, language=language)["description"]).splitlines()


def test_a_description_begins_with_what_matters() -> None:
    assert described("nl") == [
        "Lokaal was: REC A1.02",
        "Huiswerk: Lees hoofdstuk 3",
        "Neem je laptop mee",
        "Soort: Hoorcollege",
        "Docent: dr. E. van Dijk",
        "Groep: INF-A1",
        "Lesuur: 1-2",
        "Week: lesweek 3",
        "Vakcode: 5062DATA6Y",
        "Online:",
        "https://meet.example.nl/x",
        "Opname:",
        "https://video.example.nl/y",
        "REC C0.01:",
        "https://kaart.example.nl/c001",
        "https://rooster.example.nl/z",
    ]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Room was", "Homework", "Type", "Teacher", "Group", "Period", "Week", "Code", "Online", "Recording"]),
        (
            "fr",
            [
                *("Salle précédente", "Devoirs", "Type", "Enseignant", "Groupe", "Période"),
                *("Semaine", "Code", "En ligne", "Enregistrement"),
            ],
        ),
    ],
)
def test_each_line_has_its_word_in_the_language_of_the_feed(language: str, words: list[str]) -> None:
    named = [line.partition(":")[0].strip() for line in described(language) if not line.startswith("https:")]
    assert [name for name in named if name not in {"Neem je laptop mee", "REC C0.01"}] == words


@pytest.mark.parametrize("language", ["nl", "en", "fr"])
def test_every_address_stands_on_a_line_of_its_own(language: str) -> None:
    assert {"https://meet.example.nl/x", *ADDRESSES} <= set(described(language))


def test_an_address_that_the_notes_have_is_not_said_twice() -> None:
    meeting = replace(LECTURE.event, notes="Kom naar https://meet.example.nl/x", recording="", links=(), url="")
    assert str(only(replace(LECTURE, event=meeting))["description"]).count("https:") == 1


def test_what_is_no_address_is_no_line() -> None:
    odd = entry(recording="geen", links=(Link("Zaal", "javascript alert"),), url="wie weet")
    assert "description" not in only(odd)


@pytest.mark.parametrize("kind", [Kind.LESSON, Kind.EXAM, Kind.NOTICE])
def test_a_code_never_stands_alone(kind: Kind) -> None:
    assert only(entry(kind=kind, code="wisB", label="Lesstof"))["description"] == "Soort: Lesstof\nVakcode: wisB"
    assert "description" not in only(entry(kind=kind, title="wisB", code="wisB"))
    assert only(entry(kind=kind, code="wisB", groups=("A5wisB",)))["description"] == "Groep: A5wisB", "which says it"


@pytest.mark.parametrize(
    ("language", "notes", "description"),
    [
        ("nl", "Lees hoofdstuk 5", "Huiswerk: Lees hoofdstuk 5"),
        ("nl", "• Maak 3\n• Maak 4", "Huiswerk:\n• Maak 3\n• Maak 4"),
        ("nl", "", "Huiswerk"),
        ("en", "• Maak 3\n• Maak 4", "Homework:\n• Maak 3\n• Maak 4"),
        ("fr", "• Maak 3\n• Maak 4", "Devoirs :\n• Maak 3\n• Maak 4"),
    ],
)
def test_homework_of_its_own_says_that_it_is_homework(language: str, notes: str, description: str) -> None:
    homework = entry(kind=Kind.HOMEWORK, title="Geschiedenis: Gouden Eeuw", notes=notes, when=DAY, code="ges")
    first, _, rest = str(only(homework, language=language)["description"]).rpartition("\n")
    assert first == description
    assert rest.endswith("ges")


def test_a_substitution_names_subject_post_class_and_hours() -> None:
    instead = entry(
        kind=Kind.SUBSTITUTION,
        title="",
        colleague="Jan Wouters",
        subject="Chemie",
        label="Leraar",
        groups=("3e graad ASO",),
        hours=6.5,
        when=DAY,
    )
    assert only(instead)["description"] == "Vak: Chemie\nAmbt: Leraar\nGroep: 3e graad ASO\nUren: 6,5"


def test_an_assignment_names_the_post_and_the_hours() -> None:
    post = entry(kind=Kind.ASSIGNMENT, title="Wiskunde", label="Leraar", when=DAY, hours=10, full_hours=20)
    assert only(post)["description"] == "Ambt: Leraar\nUren: 10/20"


def test_a_busy_feed_says_nothing_of_all_this() -> None:
    assert b"DESCRIPTION" not in rendered(LECTURE, privacy="busy")


def test_a_check_in_begins_with_how_it_went_where_that_is_wanted() -> None:
    done = entry(kind=Kind.CHECKIN, title="Check-in", groups=("B2",), private_notes="Blij", when=DAY, hours=6)
    assert only(done, checkin_details="full")["description"] == "Blij\nGroep: B2"
    assert "description" not in only(done)


@pytest.mark.parametrize(
    ("language", "title", "description"),
    [
        ("nl", "Wekelijkse check-in", "Stemming: blij (8)\nGing goed\nProjecten: Stoplicht, Robot"),
        ("en", "Weekly check-in", "Mood: blij (8)\nGing goed\nProjects: Stoplicht, Robot"),
        ("fr", "Check-in hebdomadaire", "Humeur : blij (8)\nGing goed\nProjets : Stoplicht, Robot"),
    ],
)
def test_a_check_in_is_in_the_language_of_the_feed(language: str, title: str, description: str) -> None:
    done = entry(
        kind=Kind.CHECKIN,
        title="Check-in",
        weekly=True,
        mood="blij (8)",
        private_notes="Ging goed",
        projects=("Stoplicht", "Robot"),
        when=DAY,
    )
    shown = only(done, checkin_details="full", language=language)
    assert (shown["summary"], shown["description"]) == (title, description)
    assert (only(done, language=language)["summary"], "description" in only(done)) == (title, False)


def test_a_message_goes_before_the_hour_in_which_it_is() -> None:
    notice = entry(kind=Kind.NOTICE, title="Huiswerk niet gemaakt", notes="Nakomen", periods=(3, 3), when=LESSON)
    assert only(notice)["description"] == "Nakomen\nLesuur: 3"


@pytest.mark.parametrize(
    ("task", "line"),
    [
        (Task("1", ""), "Huiswerk"),
        (Task("1", "Huiswerk nakijken"), "Huiswerk nakijken"),
        (Task("1", "Toets H3: Leer § 3", Kind.EXAM, "Toets H3"), "Toets H3: Leer § 3"),
        (Task("1", "H3", Kind.EXAM, "Toets"), "Toets: H3"),
    ],
)
def test_what_is_to_be_done_says_its_word_once(task: Task, line: str) -> None:
    assert str(only(entry(tasks=(task,)))["description"]).splitlines()[0] == line
