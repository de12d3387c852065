"""Whole processes and what they cost."""

import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = Path(sysconfig.get_path("scripts")) / "roosterbridge"
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Ended:
    """What a process printed, the processor time of all its threads in seconds, user and system, and its most memory.

    `memory` is in bytes.
    """

    output: bytes
    cpu: float
    memory: int


def environment() -> dict[str, str]:
    """The variables of this process, without settings of Roosterbridge."""
    return {name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")}


def run(command: Sequence[str | Path], folder: Path = ROOT) -> Ended:
    """Run a command in `folder` to its end.

    Raises:
        RuntimeError: it failed.
    """
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command, cwd=folder, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
        )
        assert process.stdout is not None
        with process.stdout as stdout:
            output = stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            raise RuntimeError(f"{' '.join(map(str, command))} failed: {errors.read().decode()}")
    return Ended(output, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _MAXRSS_UNIT)


def resident_bytes(process: subprocess.Popen[bytes]) -> int:
    """The memory of a process now; where there is no /proc, ends it and gives the most that it had."""
    status = Path(f"/proc/{process.pid}/status")
    if status.exists():
        (line,) = (line for line in status.read_text("utf-8").splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024
    process.terminate()
    _, ended, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(ended)
    return usage.ru_maxrss * _MAXRSS_UNIT
