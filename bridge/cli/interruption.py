"""How a command ends when it is interrupted: no login is lost by it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from bridge.cli.terminal import tell
from bridge.upstream.tasks import begin

if TYPE_CHECKING:
    from bridge.store.credentials import CredentialStore

_RESULT = TypeVar("_RESULT")
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Interrupted(BaseException):
    """A signal has ended the work. `code` is the exit code of a process that a signal ends."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number


async def until_interrupted(work: Coroutine[Any, Any, _RESULT], logins: CredentialStore | None = None) -> _RESULT:
    """The result of `work`, or `Interrupted` once a signal has come and all has been left in order.

    The first signal cancels `work`, and no token is sent any more; the answers to those that are out are waited for,
    here and when the storage is closed. A second signal ends the process at once.
    """
    loop = asyncio.get_running_loop()
    working = loop.create_task(work)
    came: list[int] = []

    def interrupt(number: int) -> None:
        for each in _SIGNALS:
            loop.remove_signal_handler(each)
        came.append(number)
        _stop_logins(logins)
        working.cancel()

    for number in _SIGNALS:
        loop.add_signal_handler(number, interrupt, number)
    try:
        return await working
    except asyncio.CancelledError:
        if came:
            raise Interrupted(came[0]) from None
        raise
    finally:
        if not came:
            _stop_logins(logins)


async def finished_first(login: Coroutine[Any, Any, _RESULT]) -> _RESULT:
    """The result of what logs somebody in. It ends before the command does: a code is spent when it is sent."""
    finishing = begin(login)
    try:
        return await asyncio.shield(finishing)
    except asyncio.CancelledError:
        _say_who_waits(1)
        await asyncio.wait([finishing])
        raise


def _stop_logins(logins: CredentialStore | None) -> None:
    """Send no token any more, and say for how many an answer is waited for."""
    if logins is not None and (out := logins.stop()):
        _say_who_waits(out)


def _say_who_waits(count: int) -> None:
    tell(f"{'A login waits' if count == 1 else f'{count} logins wait'} for the school's answer.")
