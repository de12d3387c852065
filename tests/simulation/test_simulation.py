"""Days of hosts that share a school and a storage, in a simulated time."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.club.server import LESSONS
from tests.conftest import slow
from tests.simulation.ablations import WITHOUT
from tests.simulation.world import Plan, World, live, make_template

pytestmark = pytest.mark.usefixtures("installed_club")
QUIET = Plan(hosts=1, interval=timedelta(hours=6), troubles=False)
ALONE = Plan(hosts=1, interval=timedelta(hours=6))
TROUBLED = Plan()
STANDING_STILL = Plan(only_stand_still=True)


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


@slow("a hundred days of three hosts and a school in trouble, in a simulated time")
@pytest.mark.parametrize("first", range(0, 100, 20))
def test_three_hosts_in_trouble_lose_nothing_and_ask_nobody_twice(tmp_path: Path, first: int) -> None:
    assert wrong_in(tmp_path, range(first, first + 20)) == []


@slow("days of three hosts that stand still, whole and without each safeguard")
def test_hosts_that_often_stand_still_lose_nothing(tmp_path: Path) -> None:
    assert [wrong for world in days(tmp_path, STANDING_STILL, range(8)) for wrong in world.witness.wrong] == []


@slow("days of three hosts that stand still, whole and without each safeguard")
@pytest.mark.parametrize(
    ("without", "says"),
    [
        ("leases of accounts", "is asked for again"),
        ("fences", "an older answer is kept over a newer one"),
        ("leases of exchanges", "sends a token whose answer is kept"),
        ("half of the lease", "sends a token whose answer is kept"),
        ("the second look", "sends a token whose answer is kept"),
        ("durable before use", "uses an answer that is not kept"),
        ("generations", "an older token is kept over a newer one"),
    ],
)
def test_without_a_safeguard_a_day_goes_wrong(tmp_path: Path, without: str, says: str) -> None:
    """One of the first days does; which one changes with all that hosts do, so it is looked for."""
    template = tmp_path / "template.db"
    plan = replace(STANDING_STILL, without=without)
    make_template(template, plan)
    wrong = (sentence for seed in range(30) for sentence in live(tmp_path, template, plan, seed).witness.wrong)
    assert any(says in sentence for sentence in wrong)


def test_each_safeguard_is_tried() -> None:
    (tried,) = (mark for mark in test_without_a_safeguard_a_day_goes_wrong.pytestmark if mark.name == "parametrize")  # type: ignore[attr-defined] # pytest's
    assert {without for without, _ in tried.args[1]} == WITHOUT.keys() - {""}
