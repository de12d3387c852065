"""Days of hosts that share a school and a storage, in a simulated time."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from tests.club.server import LESSONS
from tests.simulation.world import Plan, World, live, make_template

pytestmark = pytest.mark.usefixtures("installed_club")
SMALL = Plan(hosts=1, accounts=2, interval=timedelta(hours=6))


def a_day(folder: Path, plan: Plan, seed: int) -> World:
    template = folder / "template.db"
    if not template.exists():
        make_template(template, plan)
    return live(folder, template, plan, seed)


def test_a_day_without_trouble_asks_for_each_account_once_in_an_interval(tmp_path: Path) -> None:
    world = a_day(tmp_path, SMALL, seed=1)
    assert world.witness.wrong == []
    assert Counter(request.member for request in world.school.requests if request.path == LESSONS) == {
        "member0": 4,
        "member1": 4,
    }


def test_a_seed_gives_the_same_day_again_and_another_seed_another(tmp_path: Path) -> None:
    first, second, third = (a_day(tmp_path, SMALL, seed).trace for seed in (1, 1, 2))
    assert first == second != third
