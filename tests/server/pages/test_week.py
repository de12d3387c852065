"""How a week is laid out, and how a browser draws it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bridge.calendar.preview import Seen
from bridge.model.event import AllDay, Kind, Timed, When
from bridge.server.pages.week import lay_out
from tests.conftest import SettableClock
from tests.server.conftest import Browse, in_browser
from tests.server.pages.conftest import OpenPage
from tests.server.pages.test_browser import DESKTOP, open_own

MONDAY = date(2026, 11, 23)
_EVERY_LINE = """() => [...document.querySelectorAll(".timed .event b bdi")].flatMap((name) => {
    const range = document.createRange(), text = name.firstChild;
    return [...text.data.matchAll(/\\S+/g)].map((word) => {
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        return [word[0], new Set([...range.getClientRects()].map((line) => line.top)).size];
    });
})"""


def seen(when: When) -> Seen:
    return Seen(when, Kind.LESSON, cancelled=False, title="Wiskunde", location="", description="")


def test_a_week_without_times_has_no_hours() -> None:
    week = lay_out(MONDAY, [seen(AllDay(MONDAY, MONDAY + timedelta(days=2)))])
    assert (list(week.hours), week.rows, week.empty) == ([], 0, False)
    assert [len(day.whole) for day in week.days] == [1, 1, 0, 0, 0]


def test_a_week_with_times_shows_at_least_a_school_day() -> None:
    start = datetime(2026, 11, 24, 9, tzinfo=UTC)
    week = lay_out(MONDAY, [seen(Timed(start, start + timedelta(hours=1), "Europe/Amsterdam"))])
    assert week.hours == range(9, 16)
    [placed] = week.days[1].timed
    assert (placed.starts, placed.ends, placed.row, placed.rows) == ("10:00", "11:00", 12, 12)


@in_browser
async def test_a_word_is_not_broken_where_lessons_stand_side_by_side(
    open_page: OpenPage, browse: Browse, clock: SettableClock
) -> None:
    async with open_page() as anna, browse(DESKTOP) as page:
        club, school = anna.site.club, anna.site.school
        first = club.ahead()[0]
        at = clock().replace(hour=9, minute=0) + timedelta(days=2)
        for number, title in enumerate(("Maatschappijwetenschappen", "Toets Natuurkunde", "Godsdienst en wereldkunde")):
            club.put(replace(first, id=f"w{number}", title=title, start=at, end=at + timedelta(minutes=50)))
        await school.add("anna", "club")
        await school.feed("anna")
        await school.refresh()
        await open_own(page, anna)
        words = dict(await page.evaluate(_EVERY_LINE))
        assert {"Maatschappijwetenschappen", "Natuurkunde"} <= words.keys()
        assert {word for word, lines in words.items() if lines > 1} == set()
        await page.goto(f"{anna.site.address}/m/{anna.token}?language=en")
        first_event = page.locator(".timed .event", has_text="Maatschappijwetenschappen").first
        assert "Maatschappijwetenschappen" in (await first_event.get_attribute("title") or "")
