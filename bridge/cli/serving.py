"""Serving in this process, until somebody stops it."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from bridge.app import Bridge

_GC_THRESHOLD = (5_000, 10, 10)
log = structlog.get_logger()


async def serve_until_stopped(
    bridge: Bridge, listening: Callable[[str], None] = lambda _: None, *, worker: int | None = None
) -> None:
    """Run the service until SIGTERM or SIGINT, or as a `worker` also until standard input ends.

    `listening` is called with its address as soon as it answers.
    """
    from bridge.app import serve_bridge
    from bridge.people.orphans import orphans
    from bridge.service import stop_signal

    stop = stop_signal(None if worker is None else sys.stdin)
    async with serve_bridge(bridge, worker=worker) as address:
        spare_imports(bridge)
        for warning in await orphans(bridge.store, bridge.settings.sources):
            log.warning(warning)
        log.info("serving", address=address, sources=len(bridge.sources))
        listening(address)
        await stop.wait()
        log.info("stopping")


def spare_imports(bridge: Bridge) -> None:
    """Exempt the modules that refreshes use from garbage collection, and collect less often.

    A refresh makes many values at once and no circles of them. With Python's own threshold of 700, collecting takes a
    third of a first import, and half of a refresh in which a lesson has changed.
    """
    _ = bridge.refresher  # imports them
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLD)
