from datetime import UTC, date, datetime, timedelta

import pytest

from tests.bench.__main__ import main
from tests.bench.pupils import make_school, sample_pupils
from tests.bench.refreshes import MANY_LESSONS, USUAL_LESSONS, Cost
from tests.bench.report import with_figures
from tests.bench.rows import ROWS, Row
from tests.conftest import SettableClock

COST = Cost(yardstick=0.1, first=1, unchanged=0.1, change=0.1, events=413, requests=11, storage=450)


@pytest.mark.parametrize("month", [2, 5, 8, 12])
@pytest.mark.parametrize("lessons", [USUAL_LESSONS, MANY_LESSONS])
def test_a_pupil_has_the_same_lessons_in_every_season(month: int, lessons: int) -> None:
    clock = SettableClock(datetime(2027, month, 17, 12, tzinfo=UTC))
    server = make_school(sample_pupils(1), lessons, clock)
    found = server.school.lessons[sample_pupils(1)[0].key]
    assert len(found) == lessons
    assert len({lesson.key for lesson in found}) == lessons
    near = [one for one in found if abs(one.start - clock.now) < timedelta(weeks=1)]
    assert len(near) == 52


def test_a_figure_at_its_bound_is_allowed_and_one_beyond_it_is_not() -> None:
    most, least = Row("a", "a", lambda _: 0, most=0.5), Row("b", "b", lambda _: 0, least=0.5)
    assert most.allows(0.5)
    assert least.allows(0.5)
    assert not most.allows(0.51)
    assert not least.allows(0.49)


def test_new_figures_take_the_place_of_the_old_ones_and_the_words_around_them_stay() -> None:
    page = "Before\n<!-- figures -->\nold\n<!-- /figures -->\nAfter\n"
    written = with_figures(page, [(ROWS[1], 1.5)], COST, date(2026, 11, 26))
    assert written.startswith("Before\n<!-- figures -->\nMeasured on 2026-11-26 with ")
    assert "| first-import | first import of an account ÷ yardstick | 1.500 | ≤ 1.000 | missed |" in written
    assert written.endswith("|\n<!-- /figures -->\nAfter\n")
    assert with_figures(written, [(ROWS[1], 1.5)], COST, date(2026, 11, 26)) == written


def test_a_row_that_does_not_exist_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nothing"]) == 2
    assert "No row is called nothing." in capsys.readouterr().out
