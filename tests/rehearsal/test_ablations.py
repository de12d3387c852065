"""What each safeguard is for: without it, a rehearsal fails."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.conftest import slow
from tests.rehearsal.life import Life, Parent, new_life
from tests.rehearsal.test_trouble import fill_the_disk, in_trouble, stop_and_go_on

Rehearsal = Callable[[Life], Awaitable[None]]
SEEDS = {
    "durable before use": 1,
}
"""Of the lives that fail without a safeguard."""


async def kills(life: Life) -> None:
    for _ in range(30):
        await life.interrupt("refresh")
        await life.check()
    await life.recover()


async def stops(life: Life) -> None:
    await in_trouble(life, stop_and_go_on, times=20)


async def full_disks(life: Life) -> None:
    await in_trouble(life, fill_the_disk, times=20)
    assert life.place.club.replays == 0


@slow("each safeguard taken out, to see that a rehearsal fails then")
@pytest.mark.parametrize(
    ("without", "rehearsal"),
    [
        ("durable before use", kills),
    ],
)
async def test_without_a_safeguard_a_rehearsal_fails(
    tmp_path: Path, without: str, rehearsal: Rehearsal, installed_club: None
) -> None:
    storage_url = f"sqlite:///{tmp_path / 'bridge.db'}"
    async with Parent.start() as parent, new_life(tmp_path, parent, storage_url, SEEDS[without]) as life:
        life.without = without
        with pytest.raises(AssertionError):
            await rehearsal(life)
