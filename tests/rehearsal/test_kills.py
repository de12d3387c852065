"""Killed at any moment, nothing is lost, and the next start goes on by itself."""

from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import SLOW
from tests.rehearsal.life import Parent, new_life
from tests.rehearsal.work import WORKS

LIVES_AT_ONCE, FORKS, WHOLE = (5, 18, 2) if SLOW else (1, 10, 0)
"""How many lives a test has, and how often one is interrupted in a child, and as a whole process."""
OFTEN = (6, 1, 2, 1)
"""How often each work is done, of ten times."""


@pytest.mark.parametrize("first", range(1, 51 if SLOW else 2, LIVES_AT_ONCE))
async def test_killed_at_any_moment_nothing_is_lost(tmp_path: Path, first: int, installed_club: None) -> None:
    """Of 50 seeds in the slow part: 900 kills of children, and 100 of whole processes."""
    killed: Counter[str] = Counter()
    async with Parent.start() as parent:
        for seed in range(first, first + LIVES_AT_ONCE):
            folder = tmp_path / str(seed)
            async with new_life(folder, parent, f"sqlite:///{folder / 'bridge.db'}", seed) as life:
                for work in WORKS[:3] if seed == first else ():
                    await parent.warm(work, life.place.program.config)
                lived = 0
                while lived < FORKS:
                    (work,) = life.chance.choices(WORKS, OFTEN)
                    code = (await life.interrupt(work)).code
                    died = code == -9
                    assert died or code == 0
                    killed[work] += died
                    lived += died
                    await life.check()
                for _ in range(WHOLE):
                    words, most = life.chance.choice(((["refresh"], life.lengths["refresh"]), (["serve"], 400)))
                    killed["whole"] += await life.interrupt_process(*words, most=most) == -9
                    await life.check()
                await life.recover()
    assert killed.total() >= LIVES_AT_ONCE * FORKS
    print(dict(killed))  # noqa: T201 - for whoever asks for it
