"""What a feed's address answers."""

import gzip
from collections.abc import Awaitable
from datetime import datetime, timedelta
from email.utils import format_datetime

from icalendar import Calendar

from tests.program import until
from tests.server.conftest import OpenSite, Site


async def _with_lessons(site: Site, *, compress: str = "on") -> str:
    await site.school.add("anna", "club")
    await site.school.refresh()
    return await site.school.feed("anna", compress=compress)


async def test_a_feed_is_answered_with_the_headers_that_calendars_need(open_site: OpenSite) -> None:
    async with open_site() as site:
        token = await _with_lessons(site)
        plain = await site.school.bridge.store.renderings.calendar("anna", "default")
        response, body = await site.get(token)
        assert response.status == 200
        assert body == plain
        assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert response.headers["Cache-Control"] == "private, no-cache"
        assert response.headers["Last-Modified"] == format_datetime(site.school.clock.now, usegmt=True)
        assert response.headers["ETag"].startswith('W/"')
        assert "Content-Encoding" not in response.headers
        assert "Set-Cookie" not in response.headers

        head, nothing = await site.get(token, method="HEAD")
        assert (head.status, nothing) == (200, b"")
        for name in ("Content-Type", "Cache-Control", "Last-Modified", "ETag", "Content-Length"):
            assert head.headers[name] == response.headers[name]
        assert (await site.get(token, method="POST"))[0].status == 405


async def test_gzip_is_sent_only_to_those_who_take_it(open_site: OpenSite) -> None:
    async with open_site() as site:
        token = await _with_lessons(site)
        uncompressed = await site.school.feed("anna", name="plain", compress="off")
        _, plain = await site.get(token)
        for accepted in ("gzip", "*", "br, GZIP;q=0.5", "deflate, *;q=0.1"):
            response, body = await site.get(token, Accept_Encoding=accepted)
            assert response.headers["Content-Encoding"] == "gzip"
            assert response.headers["Vary"] == "Accept-Encoding"
            assert gzip.decompress(body) == plain
            assert len(body) < len(plain) / 3
            _, never_packed = await site.get(uncompressed, Accept_Encoding=accepted)
            assert never_packed.startswith(b"BEGIN:VCALENDAR")
        for refused in ("", "identity", "gzip;q=0", "*, gzip;q=0", "br, *;q=0", "gzip;q=nonsense"):
            response, body = await site.get(token, Accept_Encoding=refused)
            assert "Content-Encoding" not in response.headers
            assert body == plain


async def test_what_a_client_has_already_is_not_sent_again(open_site: OpenSite) -> None:
    async with open_site() as site:
        token = await _with_lessons(site)
        response, _ = await site.get(token)
        etag, modified = response.headers["ETag"], site.school.clock.now
        strong = etag.removeprefix("W/")
        later, earlier = (_http(modified + timedelta(seconds=span)) for span in (1, -1))
        asctime = f"{modified:%a %b %d %H:%M:%S %Y}"

        for has in (etag, strong, f'"other", {etag}', f'{strong},"other"', "*"):
            response, body = await site.get(token, If_None_Match=has)
            assert (response.status, body) == (304, b""), has
            assert response.headers["ETag"] == etag
            assert response.headers["Last-Modified"] == _http(modified)
            assert response.headers["Cache-Control"] == "private, no-cache"
            assert (await site.get(token, method="HEAD", If_None_Match=has))[0].status == 304
        for since in (_http(modified), later, asctime):
            assert (await site.get(token, If_Modified_Since=since))[0].status == 304, since
        for since in (earlier, "yesterday", "", "99999", "Sun, 99 Nov 2026 10:00:00 GMT"):
            assert (await site.get(token, If_Modified_Since=since))[0].status == 200, since
        for has in ('"other"', 'W/"other", "another"', "", strong.strip('"')):
            response, _ = await site.get(token, If_None_Match=has, If_Modified_Since=later)
            assert response.status == 200, has
        response, _ = await site.get(token, If_None_Match=etag, If_Modified_Since=earlier)
        assert response.status == 304


def _http(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


async def test_an_address_that_never_was_is_not_found(open_site: OpenSite) -> None:
    async with open_site() as site:
        for token in ("rf_unknown", "%00", "%ff%fe", "é", "a" * 4000):
            response, body = await site.get(token)
            assert response.status == 404
            assert response.headers["Cache-Control"] == "private, no-cache"
            assert b"unknown" in body


async def test_a_feed_without_events_is_a_valid_calendar(open_site: OpenSite) -> None:
    async with open_site() as site:
        await site.school.bridge.store.users.add("nobody", "Niemand", site.school.clock())
        token = await site.school.feed("nobody")
        response, body = await site.get(token)
        assert response.status == 200
        calendar = Calendar.from_ical(body.decode())
        assert calendar.name == "VCALENDAR"
        assert calendar.walk("VEVENT") == []
        assert calendar["X-WR-CALNAME"] == "Niemand"


async def test_a_change_is_there_at_once_with_a_later_date(open_site: OpenSite) -> None:
    async with open_site() as site:
        token = await _with_lessons(site)
        first, _ = await site.get(token)
        site.club.take(1)
        await site.school.refresh()
        second, body = await site.get(token, If_None_Match=first.headers["ETag"])
        assert second.status == 200
        assert b"SUMMARY:Vervalt: " in body
        assert second.headers["ETag"] != first.headers["ETag"]
        since, _ = await site.get(token, If_Modified_Since=first.headers["Last-Modified"])
        assert since.status == 200


async def test_a_reading_is_noted_within_seconds(open_site: OpenSite) -> None:
    async with open_site() as site:
        token = await _with_lessons(site)
        await site.school.feed("anna", name="unread")
        await site.get(token)

        async def seen() -> list[datetime | None]:
            return [feed.last_read for feed in await site.school.bridge.store.feeds.all()]

        await until(lambda: _any(seen()))
        assert await seen() == [site.school.clock.now, None]


async def _any(moments: Awaitable[list[datetime | None]]) -> bool:
    return any(await moments)


async def test_answers_that_follow_each_other_do_not_share_their_headers(open_site: OpenSite) -> None:
    async with open_site() as site:
        token = await _with_lessons(site)
        first, plain = await site.get(token)
        etag = first.headers["ETag"]
        for _ in range(2):
            packed, short = await site.get(token, Accept_Encoding="gzip")
            assert int(packed.headers["Content-Length"]) == len(short) < len(plain)
            none, _ = await site.get(token, If_None_Match=etag)
            assert not {"Content-Encoding", "Content-Length"} & none.headers.keys()
            again, body = await site.get(token)
            assert int(again.headers["Content-Length"]) == len(body) == len(plain)
            assert "Content-Encoding" not in again.headers

        async def later(**headers: str) -> bool:
            return (await site.get(token, **headers))[0].headers["Date"] != packed.headers["Date"]

        await until(lambda: later(Accept_Encoding="gzip"))
        await until(lambda: later(If_None_Match=etag))
