import aiohttp

from bridge.app import serve_bridge
from bridge.upstream.discovery import discover
from tests.conftest import OpenSchool


async def test_a_lesson_that_the_school_cancels_shows_as_cancelled_at_the_feeds_address(
    open_school: OpenSchool,
) -> None:
    async with open_school() as school:
        await school.add("anna", "somtoday")
        token = await school.feed("anna")
        rows = await school.refresh()
        assert all(row.ok for row in rows if row.source == "somtoday")
        async with serve_bridge(school.bridge) as address, aiohttp.ClientSession() as session:
            url = f"{address}/f/{token}.ics"
            async with session.get(url) as response:
                assert response.status == 200
                assert response.content_type == "text/calendar"
                before = await response.text()
                etag = response.headers["ETag"]
            async with session.get(url, headers={"If-None-Match": etag}) as response:
                assert response.status == 304
            for category in ("Les", "Toets", "Huiswerk", "Afwezigheid", "Vakantie"):
                assert f"CATEGORIES:{category}\r\n" in before

            school.stand_ins["somtoday"].controls["cancel-lesson"]()
            await school.refresh()

            async with session.get(url, headers={"If-None-Match": etag}) as response:
                assert response.status == 200
                after = await response.text()
            assert after.count("SUMMARY:Vervalt: ") == before.count("SUMMARY:Vervalt: ") + 1


def test_every_type_of_source_is_discovered() -> None:
    assert {"holidays", "mytimetable", "somtoday"} <= discover().keys()
