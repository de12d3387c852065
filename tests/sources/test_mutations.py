"""100,000 answers that are good but for some values: each is read, kept and shown in time, or is a named error."""

import random
import time
from pathlib import Path
from typing import Any

import pytest

from bridge.upstream.discovery import discover
from bridge.upstream.source_type import SourceType
from tests.conftest import SLOW, OpenSchool, SettableClock
from tests.sources.mutations import mutated
from tests.sources.test_contract import added, good_answers, one_of_each_sort
from tests.within import within

KINDS = ("checkin", "eduv", "informat", "mytimetable", "somtoday")
PARTS = 8 if SLOW else 1
"""So many tests for each source, that they can run beside each other."""
MUTATIONS = 100_000 // len(KINDS) // PARTS if SLOW else 100
SECONDS = 0.5
"""The most CPU time of one answer; a usual one takes a few milliseconds."""


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, installed_club: None) -> SourceType[Any]:
    return discover()[request.param]


@pytest.fixture
def storage_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'bridge.db'}"


@pytest.mark.parametrize("part", range(PARTS))
async def test_a_mutated_answer_is_read_in_time_or_is_a_named_error(
    kind: SourceType[Any], part: int, open_school: OpenSchool, clock: SettableClock
) -> None:
    stand_in = kind.stand_in(clock)
    async with added(one_of_each_sort(stand_in.people), open_school, stand_in) as school:
        tolds = await good_answers(school, stand_in)
    longest = 0.0
    for seed in range(part * MUTATIONS, (part + 1) * MUTATIONS):
        chance = random.Random(seed)  # noqa: S311 - the same each time
        told = chance.choice(tolds)
        said = mutated(told.said, chance)
        started = time.process_time()
        try:
            with within(SECONDS):
                await told.shown(said)
        except Exception as error:
            error.add_note(f"seed {seed} of {kind.name}")
            raise
        longest = max(longest, time.process_time() - started)
    print(f"{kind.name}: {MUTATIONS} mutations, the longest {longest * 1000:.0f} ms")  # noqa: T201 - for whoever asks
