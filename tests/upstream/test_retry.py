"""When a request is sent again."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from bridge.errors import RateLimited, SourceError, Unavailable
from tests.upstream.misbehaving import asking, breaking_off, refused, saying


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
async def test_a_passing_fault_is_asked_again_until_it_passes(status: int) -> None:
    async with asking(saying(b"hunter2", status), saying(b"[1]")) as (http, upstream):
        assert (await http.get(upstream.url)).json() == [1]
        assert len(upstream.requests) == 2


@pytest.mark.parametrize(("status", "expected"), [(500, Unavailable), (429, RateLimited)])
async def test_a_lasting_fault_is_asked_three_times(status: int, expected: type[SourceError]) -> None:
    async with asking(saying(b"hunter2", status)) as (http, upstream):
        error = await refused(http, upstream.url)
        assert type(error) is expected
        assert error.transient
        assert len(upstream.requests) == 3


@pytest.mark.parametrize("status", [429, 503])
async def test_a_long_retry_after_in_seconds_is_left_to_the_schedule(status: int) -> None:
    async with asking(saying(b"", status, Retry_After="120")) as (http, upstream):
        assert (await refused(http, upstream.url)).retry_after == timedelta(seconds=120)
        assert len(upstream.requests) == 1


async def test_a_long_retry_after_as_a_date_is_left_to_the_schedule() -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    async with asking(saying(b"", 429, Retry_After=until)) as (http, upstream):
        error = await refused(http, upstream.url)
        assert error.retry_after is not None
        assert timedelta(minutes=59) < error.retry_after <= timedelta(hours=1)
        assert len(upstream.requests) == 1


@pytest.mark.parametrize("value", ["0", "Wed, 21 Oct 2015 07:28:00 GMT"])
async def test_a_retry_after_that_has_passed_is_asked_again_at_once(value: str) -> None:
    async with asking(saying(b"", 429, Retry_After=value), saying(b"[1]")) as (http, upstream):
        assert (await http.get(upstream.url)).json() == [1]


@pytest.mark.parametrize("value", ["9" * 8000, "604801", "Fri, 31 Dec 9999 23:59:59 GMT", "31 Dec 9999 23:59 -2359"])
async def test_no_retry_after_of_more_than_a_week_is_believed(value: str) -> None:
    async with asking(saying(b"", 503, Retry_After=value)) as (http, upstream):
        assert (await refused(http, upstream.url)).retry_after == timedelta(days=7)


@pytest.mark.parametrize(
    "value", ["soon", "-5", "", "1e9", "²", "Wed, 99 Foo 2015", "9" * 4000, "Fri, 1 Dec 1900 25:00 +99999999999999"]
)
async def test_a_retry_after_that_makes_no_sense_harms_nothing(value: str) -> None:
    async with asking(saying(b"", 429, Retry_After=value)) as (http, upstream):
        assert isinstance(await refused(http, upstream.url), RateLimited)


async def test_a_connection_that_breaks_is_tried_again() -> None:
    async with asking(breaking_off, saying(b"[1]")) as (http, upstream):
        assert (await http.get(upstream.url)).json() == [1]
    async with asking(breaking_off) as (http, upstream):
        error = await refused(http, upstream.url)
        assert isinstance(error, Unavailable)
        assert error.transient
        assert len(upstream.requests) == 3
