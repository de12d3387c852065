"""What a team's feed says beside who is away."""

from datetime import date

from bridge.calendar.team import Member, team_entries
from bridge.model.event import AllDay, Cover, Kind
from tests.calendar.entries import entry, only

WEEK = AllDay(date(2026, 9, 7), date(2026, 9, 12))
MONDAY, LATER = AllDay(date(2026, 9, 7), date(2026, 9, 8)), AllDay(date(2026, 9, 8), date(2026, 9, 12))
COVERS = (
    Cover("Wiskunde", WEEK, "", 8.0),
    Cover("Fysica", MONDAY),
    Cover("Fysica", LATER, "Lotte Claes", 10.5),
)
AWAY = entry(kind=Kind.INTERRUPTION, title="", when=WEEK, reason="Ziek", cover=COVERS)


def test_a_team_reads_who_replaces_whom_and_what_is_not_covered() -> None:
    (line,) = team_entries([Member("jan", "Jan Wouters", [AWAY])])
    shown = only(line)
    assert shown["summary"] == "Jan Wouters: Afwezig"
    assert shown["description"].splitlines() == [
        "Vervangen door Lotte Claes: Fysica (10,5 uur per week), di 8 sep - vr 11 sep",
        "Niet vervangen: Fysica, ma 7 sep",
        "Niet vervangen: Wiskunde (8 uur per week)",
    ]
    assert "description" not in only(line, privacy="busy")


def test_in_ones_own_calendar_stands_nothing_of_it() -> None:
    assert "description" not in only(AWAY)
