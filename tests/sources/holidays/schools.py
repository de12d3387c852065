"""Holidays as a source delivers them, for the tests of this folder."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import aiohttp

from bridge.model.event import AllDay, Event, Part
from bridge.model.window import Window
from bridge.sources.holidays import SOURCE
from bridge.store.credentials import NoCredential
from bridge.sync.snapshot import Delivered, take_snapshot
from bridge.upstream.contract import Account
from bridge.upstream.surroundings import Surroundings

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
SCHOOL_YEAR = Window(date(2026, 8, 1), date(2027, 8, 1))


async def deliver(window: Window = SCHOOL_YEAR, **chosen: Any) -> Delivered:
    settings = SOURCE.settings.model_validate({"type": "holidays", **chosen})
    async with aiohttp.ClientSession() as session:
        source = SOURCE.create(settings, Surroundings("vrij", session, lambda: NOW))
        snapshot = await take_snapshot(source, settings, Account(), NoCredential(), window, {})
    outcome = snapshot[Part.HOLIDAYS]
    assert isinstance(outcome, Delivered)
    return outcome


def inclusive(event: Event) -> tuple[str, str]:
    assert isinstance(event.when, AllDay)
    return event.when.start.isoformat(), (event.when.end - timedelta(days=1)).isoformat()


def by_title(delivered: Delivered) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for event in delivered.events:
        found.setdefault(event.title, []).append(inclusive(event))
    return found
