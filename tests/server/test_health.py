"""Liveness, readiness and figures."""

import os
import re
from dataclasses import replace

import asyncpg
import pytest
from aiohttp.test_utils import make_mocked_request
from sqlalchemy import make_url

from bridge.server.health import HealthHandler
from bridge.server.metrics import Metrics
from bridge.store.database import Database
from bridge.sync.load import Load
from tests.club.server import CLOSED
from tests.conftest import POSTGRES
from tests.faults import saying
from tests.server.conftest import OpenSite


async def test_a_service_whose_storage_answers_lives_and_is_ready(open_site: OpenSite) -> None:
    async with open_site() as site:
        assert await site.page("/healthz") == (200, "ok\n")
        status, text = await site.page("/readyz")
        assert status == 200
        assert re.fullmatch(r"ok\nlast tick: \d s ago\nlast good write: \d s ago\n", text)
        assert (await site.page("/elsewhere"))[0] == 404


@pytest.mark.parametrize("storage_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("tick", "write", "said"),
    [
        (61.0, 0.0, ["Nothing is refreshed: ticks have stopped.", "last tick: 61 s ago", "last good write: 0 s ago"]),
        (0.0, 301.0, ["Nothing can be written to the storage.", "last tick: 0 s ago", "last good write: 301 s ago"]),
    ],
)
async def test_a_service_without_recent_ticks_or_writes_is_not_ready(
    open_site: OpenSite, storage_url: str, tick: float, write: float, said: list[str]
) -> None:
    moments = [0.0]
    async with open_site() as site:
        late = replace(site.school.bridge.store, database=Database(storage_url, seconds=lambda: moments[0]))
        moments[0] = write
        handler = HealthHandler(late, Metrics(), lambda: tick, _nothing)
        answer = await handler.ready(make_mocked_request("GET", "/readyz"))
        assert (answer.status, (answer.text or "").splitlines()) == (503, said)
        await late.database.close()


async def _nothing() -> list[Load]:
    return []


async def test_the_figures_count_by_source_and_name_nobody(open_site: OpenSite) -> None:
    async with open_site() as site:
        await site.school.add("anna", "club", user="wilhelmina")
        await site.school.add("bram", "club")
        token = await site.school.feed("wilhelmina")
        site.club.stand_in.faults[CLOSED] = saying(403)
        await site.school.refresh()
        first, _ = await site.get(token)
        await site.get(token, If_None_Match=first.headers["ETag"])
        await site.get("rf_unknown")
        status, text = await site.page("/metrics")
        assert status == 200
        figures = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        assert figures['roosterbridge_accounts{source="club",state="ok"}'] == "2.0"
        assert figures["roosterbridge_feeds_refused"] == "0.0"
        for asked in ("200", "304", "404"):
            assert figures[f'roosterbridge_feed_requests_total{{status="{asked}"}}'] == "1.0"
        parts = 'roosterbridge_parts_total{outcome="%s",part="%s",source="club"}'
        assert float(figures[parts % ("ok", "schedule")]) >= 2
        assert float(figures[parts % ("forbidden", "holidays")]) >= 1
        assert float(figures['roosterbridge_refresh_seconds_count{source="club"}']) >= 2
        for secret in ("wilhelmina", "bram", "Anna", token, "refresh-"):
            assert secret not in text


@pytest.mark.skipif(POSTGRES not in os.environ, reason="needs a PostgreSQL server")
@pytest.mark.parametrize("storage_url", ["postgresql"], indirect=True)
async def test_without_its_storage_a_service_lives_and_is_not_ready(open_site: OpenSite, storage_url: str) -> None:
    async with open_site() as site:
        server = await asyncpg.connect(os.environ[POSTGRES])
        await server.execute(f"DROP DATABASE {make_url(storage_url).database} WITH (FORCE)")
        await server.close()
        assert await site.page("/healthz") == (200, "ok\n")
        assert (await site.page("/readyz"))[0] == 503
        status, text = await site.page("/metrics")
        assert status == 200
        assert "roosterbridge_feed_requests_total" in text


@pytest.mark.parametrize("storage_url", ["sqlite"], indirect=True)
async def test_with_a_database_file_that_is_spoilt_a_service_is_not_ready(
    open_site: OpenSite, storage_url: str
) -> None:
    async with open_site() as site:
        file = site.school.bridge.store.database.file
        assert file is not None
        for spoilt in file.parent.glob("bridge.db*"):
            spoilt.write_bytes(b"no database at all. " * 4096)
        assert await site.page("/healthz") == (200, "ok\n")
        assert (await site.page("/readyz"))[0] == 503
