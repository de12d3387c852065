"""`roosterbridge serve`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bridge.cli.init import settings_path, write_settings
from bridge.cli.invocation import Invocation
from bridge.errors import ConfigError

if TYPE_CHECKING:
    from bridge.settings.schema import Settings

_TURN_OF_A_THREAD = 0.0005


def serve(
    invocation: Invocation,
    workers: int = typer.Option(1, min=1, max=64, help="Processes that serve, on one port."),
    worker: int | None = typer.Option(None, hidden=True),
) -> None:
    """Serve the feeds and refresh the accounts, until interrupted.

    Without a settings file or a key, it makes those that `init` makes. For an empty storage without an admin token it
    prints the address of a page that sets everything up. On PostgreSQL all workers refresh, on SQLite one of them.
    """
    import asyncio
    import sys

    import structlog

    from bridge.app import open_bridge
    from bridge.cli.serving import serve_until_stopped
    from bridge.logs import configure_logs
    from bridge.people.setting_up import offer_setup
    from bridge.store.arrival import await_storage
    from bridge.store.private_files import open_to_others
    from bridge.upstream.memory import save_memory

    made = _make_settings(invocation)
    settings = invocation.settings()
    configure_logs(settings.logging.level, settings.logging.format)
    log = structlog.get_logger()
    asyncio.run(await_storage(settings.storage.url, settings.storage.wait))
    for sentence in (*made, *asyncio.run(_make_key(settings))):
        log.info(sentence)
    if worker is None:  # which would say the same again, and of a port that the settings do not name
        for warning in (*settings.warnings, *open_to_others(invocation.private_files())):
            log.warning(warning)

    # A feed request meets threads that read answers and make calendars; it waits this long for each, at each step.
    sys.setswitchinterval(_TURN_OF_A_THREAD)
    save_memory()

    async def work() -> None:
        async with open_bridge(settings) as bridge:
            offered = await offer_setup(bridge.store, settings, bridge.clock) if worker is None else None
            if workers == 1:
                await serve_until_stopped(bridge, lambda _: _print_setup(offered), worker=worker)
                return
        _print_setup(offered)
        await _keep_workers(settings, invocation.config, workers)

    asyncio.run(work())


async def _keep_workers(settings: Settings, config: Path | None, count: int) -> None:
    """Run workers until a signal. Raises SystemExit if one of them cannot start."""
    from bridge.cli.workers import Workers, reserved_port, worker_command
    from bridge.service import stop_signal

    stop = stop_signal()
    with reserved_port(settings.server.host, settings.server.port) as port:
        if code := await Workers(worker_command(config), count, port=port).run(stop):
            sys.exit(code)


def _print_setup(address: str | None) -> None:
    if address is not None:
        print(f"Set up this Roosterbridge in a browser (good once, and for an hour):\n\n  {address}\n", flush=True)


def _make_settings(invocation: Invocation) -> list[str]:
    """Write a settings file if there is none. Where that cannot be written, the defaults hold without it."""
    path = settings_path(invocation)
    try:
        return [f"Wrote {path}."] if not path.exists() and write_settings(path) else []
    except OSError:
        return []


async def _make_key(settings: Settings) -> list[str]:
    """Write a key for a storage that has not been used with one. Raises ConfigError."""
    from bridge.store.cipher import write_new_key
    from bridge.store.database import Database
    from bridge.store.encryption import is_unkeyed

    path = settings.security.secret_key_file
    if settings.security.secret_key is not None or path.exists():
        return []
    database = Database(settings.storage.url)
    try:
        if not await is_unkeyed(database):
            raise ConfigError(f"There is no secret key at {path}; put back the one with which the storage was made.")
    finally:
        await database.close()
    try:
        return [f"Wrote {path}. Keep a copy: without it the storage cannot be read."] if write_new_key(path) else []
    except OSError as error:
        raise ConfigError(f"{error.filename} cannot be written: {error.strerror}.") from error
