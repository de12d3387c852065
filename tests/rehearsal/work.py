"""What is interrupted: a refresh of everybody, publishing, a login, an upgrade."""

from pathlib import Path

from bridge.app import Bridge, open_bridge
from bridge.model.clock import now_utc
from bridge.people.accounts import Wanted
from bridge.people.logins import begin_login, finish_login
from bridge.settings.load import load_settings
from bridge.store.cipher import Cipher
from bridge.store.storage import open_store
from bridge.upstream.discovery import discover
from tests.browser import logged_in
from tests.club.source import SOURCE
from tests.conftest import KEY, NO_RETRY
from tests.rehearsal.ablations import WITHOUT


async def _refresh(bridge: Bridge) -> None:
    await bridge.refresher.refresh_all(await bridge.store.accounts.all())
    await bridge.publisher.publish_wanted()


async def _publish(bridge: Bridge) -> None:
    await bridge.publisher.publish_wanted()


async def _login(bridge: Bridge) -> None:
    """Of anna, once more."""
    at = bridge.sources[SOURCE.name]
    attempt = await begin_login(bridge.store, at, "anna")
    pasted = await logged_in(attempt.address, 0)
    await finish_login(bridge.store, at, Wanted("anna"), attempt, pasted, now_utc)


_WORKS = {"refresh": _refresh, "publish": _publish, "login": _login}
WORKS = (*_WORKS, "upgrade")


async def do(work: str, config: Path, earlier: str = "", without: str = "") -> None:
    """Do it with the settings at `config`, `without` a safeguard; an upgrade, with the storage at `earlier`."""
    if work == "upgrade":
        async with open_store(earlier, Cipher([KEY]), now_utc):
            return
    settings = load_settings(config, {name: found.settings for name, found in discover().items()}, {})
    async with open_bridge(settings, retry=NO_RETRY) as bridge:
        bridge.store = WITHOUT[without](bridge.store)
        await _WORKS[work](bridge)
