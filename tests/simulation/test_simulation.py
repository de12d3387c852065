"""Days of hosts that share a school and a storage, in a simulated time."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from tests.club.server import LESSONS
from tests.conftest import slow
from tests.simulation.world import Plan, World, live, make_template

pytestmark = pytest.mark.usefixtures("installed_club")
QUIET = Plan(hosts=1, interval=timedelta(hours=6), troubles=False)
ALONE = Plan(hosts=1, interval=timedelta(hours=6))
TROUBLED = Plan()


def days(folder: Path, plan: Plan, seeds: range) -> list[World]:
    template = folder / "template.db"
    make_template(template, plan)
    return [live(folder, template, plan, seed) for seed in seeds]


def wrong_in(folder: Path, seeds: range) -> list[str]:
    return [f"{world.seed}: {wrong}" for world in days(folder, TROUBLED, seeds) for wrong in world.witness.wrong]


def test_a_day_without_trouble_asks_for_each_account_once_in_an_interval(tmp_path: Path) -> None:
    (world,) = days(tmp_path, QUIET, range(1))
    assert world.witness.wrong == []
    assert Counter(request.member for request in world.school.requests if request.path == LESSONS) == {
        "member0": 4,
        "member1": 4,
    }


def test_a_seed_gives_the_same_day_again_and_another_seed_another(tmp_path: Path) -> None:
    template = tmp_path / "template.db"
    make_template(template, ALONE)
    first, again, another = (live(tmp_path, template, ALONE, seed).trace for seed in (2, 2, 3))
    assert first == again != another


@slow("forty days of three hosts and a school in trouble, in a simulated time")
@pytest.mark.parametrize("first", range(0, 40, 10))
def test_three_hosts_in_trouble_lose_nothing_and_ask_nobody_twice(tmp_path: Path, first: int) -> None:
    assert wrong_in(tmp_path, range(first, first + 10)) == []
