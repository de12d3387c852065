"""Timetables that are named by their type and host key, which stay over the years."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime

import pytest

from bridge.errors import UnknownPerson
from bridge.model.window import Window
from bridge.sources.mytimetable.options import HostKey
from bridge.sources.mytimetable.standin.curriculum import key_of
from bridge.sync.snapshot import Outcome
from bridge.upstream.contract import Account
from tests.conftest import SettableClock
from tests.sources.mytimetable.outcomes import error, events

Fetch = Callable[..., Awaitable[Outcome]]
Connect = Callable[..., Awaitable[Account]]
BY_HOST_KEY = "module:5062DATA6Y"
WINDOW = Window(date(2027, 9, 1), date(2028, 1, 1))


@pytest.fixture
def clock() -> SettableClock:
    """The year after the one in which keys of 2026 were given out."""
    return SettableClock(datetime(2027, 10, 13, 8, tzinfo=UTC))


def test_a_host_key_is_written_after_its_type() -> None:
    assert HostKey.of(BY_HOST_KEY) == HostKey("module", "5062DATA6Y")
    assert HostKey.of("location:REC A1.02") == HostKey("location", "REC A1.02")


@pytest.mark.parametrize("text", ["2026!module!A:B", "lineaire algebra", "Logica: inleiding", "5062LINA6Y", ":x", ""])
def test_keys_and_words_are_no_host_keys(text: str) -> None:
    assert HostKey.of(text) is None


async def test_by_its_host_key_a_timetable_is_the_one_of_its_key(fetch: Fetch) -> None:
    by_key = events(await fetch(keys=key_of(2027, "module", "5062DATA6Y"), window=WINDOW))
    assert by_key
    assert set(events(await fetch(keys=BY_HOST_KEY, window=WINDOW))) == set(by_key)


async def test_a_host_key_is_kept_as_it_was_given(connect: Connect) -> None:
    account = await connect(options={"timetables": f"{BY_HOST_KEY},location:REC A1.02"})
    assert account.options == {"timetables": f"{BY_HOST_KEY},location:REC A1.02"}


@pytest.mark.parametrize("unknown", ["module:GONE", "studentset:5062DATA6Y"])
async def test_a_host_key_that_nobody_knows_is_refused(connect: Connect, unknown: str) -> None:
    with pytest.raises(UnknownPerson):
        await connect(options={"timetables": unknown})


async def test_a_feed_by_host_key_survives_the_new_year(fetch: Fetch) -> None:
    assert "past year" in error(await fetch(keys=key_of(2026, "module", "5062DATA6Y"))).sentence
    assert events(await fetch(keys=BY_HOST_KEY, window=WINDOW))
