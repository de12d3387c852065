"""Hold processes to a share of a core, by stopping and continuing them: it needs no rights and no further program."""

import os
import signal
import threading
import time
from collections.abc import Sequence

_PERIOD = 0.005
_BURST = 0.02


def cpu_seconds(pid: int) -> float:
    """The processor time of all threads of a process so far."""
    return time.clock_gettime(~pid << 3 | 2)


class Held:
    """Holds processes to `share` of a core each, while it is entered."""

    def __init__(self, pids: Sequence[int], share: float) -> None:
        self._pids = pids
        self._share = share
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._hold, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        for pid in self._pids:
            os.kill(pid, signal.SIGCONT)

    def _hold(self) -> None:
        """Stop a process that is ahead of its share. What one does not use, it loses but for a burst."""
        free = {pid: (time.monotonic(), cpu_seconds(pid)) for pid in self._pids}
        while not self._ended.wait(_PERIOD):
            now = time.monotonic()
            for pid, (since, used) in free.items():
                ahead = cpu_seconds(pid) - used - (now - since) * self._share
                if ahead < -_BURST:
                    free[pid] = (now, cpu_seconds(pid) + _BURST)
                os.kill(pid, signal.SIGSTOP if ahead > 0 else signal.SIGCONT)
