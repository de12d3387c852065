"""A limit on CPU time."""

import gc
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail what takes more CPU time.

    Nothing is collected meanwhile: what tests before left can take half a second.
    """

    def end(_: int, __: FrameType | None) -> None:
        raise AssertionError(f"it takes more than {seconds} s")

    collecting = gc.isenabled()
    gc.disable()
    before = signal.signal(signal.SIGVTALRM, end)
    # Again every tenth of a second: Python drops an exception that meets a destructor.
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 0.1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        if collecting:
            gc.enable()
