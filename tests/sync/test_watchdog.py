"""A process whose ticks have stopped."""

import asyncio
import sys
import threading

from bridge.sync.watchdog import Watchdog

DEAD = """
import time
from bridge.logs import configure_logs
from bridge.sync.watchdog import Watchdog
configure_logs("info", "json")
Watchdog(lambda: 7, look_seconds=0.05, most_silent=3).start()
time.sleep(60)
"""


async def test_a_process_whose_ticks_have_stopped_ends_with_1_and_a_line() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DEAD, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await asyncio.wait_for(process.communicate(), 50)
    assert (process.returncode, out) == (1, b"")
    (line,) = err.decode().splitlines()
    assert '"event": "ticks.dead"' in line


def test_one_that_ticks_goes_on_also_after_a_pause() -> None:
    counts = iter([1, 2, 2, 2, 3, 4, 4, 4, 5])
    ended, over = threading.Event(), threading.Event()

    def ticks() -> int:
        try:
            return next(counts)
        except StopIteration:
            over.set()
            watchdog.stop()
            return -1

    watchdog = Watchdog(ticks, look_seconds=0.001, most_silent=3, end=ended.set)
    watchdog.start()
    assert over.wait(30)
    assert not ended.is_set()
