"""Be `roosterbridge` with the words after the first, and die at the moment that the first one says."""

import os
import signal
import sys

from tests.rehearsal.moments import Moments


def main() -> None:
    Moments(int(sys.argv.pop(1)), lambda: os.kill(os.getpid(), signal.SIGKILL)).install()
    from bridge.cli.main import main as command  # noqa: PLC0415 - as late as in the program itself

    command()


if __name__ == "__main__":
    main()
