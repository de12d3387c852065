"""Half a minute of `make soak`."""

from pathlib import Path

from tests.conftest import slow
from tests.soak.soak import soak


@slow("half a minute of `make soak`")
async def test_readers_notice_nothing_of_a_school_that_fails_over_and_over(
    tmp_path: Path, installed_club: None
) -> None:
    figures = await soak(tmp_path, seconds=30, accounts=60, clients=40, interval="5s")
    assert figures.wrong == {}
    assert figures.lost == 0
    assert figures.answers.total() > 300
    assert figures.faults > 3
