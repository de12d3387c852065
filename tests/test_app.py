from typing import Any

import aiohttp
import pytest
from sqlalchemy import update

from bridge.app import Bridge, open_bridge, serve_bridge
from bridge.errors import ConfigError
from bridge.settings.schema import Settings
from bridge.store.database import execute
from bridge.store.feed import NewFeed
from bridge.store.schema import feed_bytes
from bridge.upstream.discovery import discover
from tests.conftest import KEY, NO_RETRY, SettableClock
from tests.program import until

HOLIDAYS = {"type": "holidays", "country": "NL", "region": "Noord"}


def _settings(url: str, *sources: str, **server: Any) -> Settings:
    """Settings with a source of holidays of each name."""
    made = Settings.model_validate(
        {"server": {"port": 0, **server}, "storage": {"url": url}, "security": {"secret_key": KEY}}
    )
    holidays = discover()["holidays"].settings.model_validate(HOLIDAYS)
    return made.model_copy(update={"sources": dict.fromkeys(sources, holidays)})


async def _shared(bridge: Bridge) -> list[tuple[str | None, str]]:
    return [(account.user, account.source) for account in await bridge.store.accounts.all()]


async def test_a_source_without_accounts_refreshes_by_itself_once_however_often_it_is_opened(
    storage_url: str, clock: SettableClock
) -> None:
    for _ in range(2):
        async with open_bridge(_settings(storage_url, "vrij"), clock=clock, retry=NO_RETRY) as bridge:
            assert await _shared(bridge) == [(None, "vrij")]


async def test_a_feeds_address_begins_with_the_public_one(storage_url: str, clock: SettableClock) -> None:
    settings = _settings(storage_url, public_url="https://rooster.example.nl/kalender/")
    async with open_bridge(settings, clock=clock) as bridge:
        assert bridge.settings.server.feed_address("rf_token") == "https://rooster.example.nl/kalender/f/rf_token.ics"


async def test_a_service_that_is_stopped_answers_no_more_and_can_be_started_again(
    storage_url: str, clock: SettableClock
) -> None:
    async with open_bridge(_settings(storage_url, "vrij"), clock=clock) as bridge, aiohttp.ClientSession() as client:
        for _ in range(2):
            async with serve_bridge(bridge) as address, client.get(f"{address}/healthz") as response:
                assert response.status == 200
            with pytest.raises(aiohttp.ClientConnectionError):
                await client.get(f"{address}/healthz")


async def test_an_address_that_is_not_ours_is_told_and_leaves_nothing_running(
    storage_url: str, clock: SettableClock
) -> None:
    async with open_bridge(_settings(storage_url, host="192.0.2.1"), clock=clock) as bridge:
        with pytest.raises(ConfigError, match=r"server\.host"):
            async with serve_bridge(bridge):
                pass


async def test_a_service_inspects_the_calendars_that_it_has_stored(storage_url: str, clock: SettableClock) -> None:
    async with open_bridge(_settings(storage_url), clock=clock) as bridge:
        await bridge.store.users.add("anna", "Anna", clock())
        await bridge.store.feeds.add("anna", NewFeed(), clock())
        await bridge.publisher.publish_wanted()
        await bridge.store.database.write(execute, update(feed_bytes).values(gzip=b"torn"))
        async with serve_bridge(bridge):
            await until(lambda: bridge.metrics.registry.get_sample_value("roosterbridge_feeds_faulty") == 1)
