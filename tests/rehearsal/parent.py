"""A process that has done every work once, and forks off another for each order; then nothing need be imported.

It reads orders from standard input, a line of JSON each, and writes what becomes of them, in the same way. A child that
is to `ask` at its moment says its number and waits for a line.
"""

import asyncio
import json
import os
import signal
import traceback
from pathlib import Path
from typing import Any

from bridge.errors import BridgeError
from tests.rehearsal.moments import Moments
from tests.rehearsal.work import do

_ANSWERS = os.dup(1)


def _say(**what: object) -> None:
    os.write(_ANSWERS, (json.dumps(what) + "\n").encode())


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _ask() -> None:
    _say(now=os.getpid())
    os.read(0, 1)


_THEN = {"kill": _die, "ask": _ask}


def _obey(work: str, config: str, earlier: str, without: str, at: int | None, then: str = "kill") -> None:
    """In a child: do the work, interrupted at a moment."""
    moments = Moments(at, _THEN[then])
    moments.install()
    try:
        asyncio.run(do(work, Path(config), earlier, without))
    except BridgeError as error:  # what a command says, and exits with 1
        _say(sentence=error.sentence)
        os._exit(1)
    except BaseException:  # noqa: BLE001 - whatever it is, the driver has to know
        _say(error=traceback.format_exc())
        os._exit(2)
    _say(passed=moments.passed)
    os._exit(0)


def main() -> None:
    # What is read must not be taken from a child that asks: no buffer.
    for line in iter(_line, ""):
        order: dict[str, Any] = json.loads(line)
        if order.pop("warm", False):
            asyncio.run(do(order["work"], Path(order["config"])))
            _say(code=0)
            continue
        child = os.fork()
        if not child:
            _obey(**order)
        _say(code=os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _line() -> str:
    read = b""
    while not read.endswith(b"\n"):
        piece = os.read(0, 1)
        if not piece:
            return ""
        read += piece
    return read.decode()


if __name__ == "__main__":
    os.dup2(2, 1)  # the log
    main()
