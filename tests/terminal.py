"""A command on a terminal of its own: what a person sees there, and types."""

import asyncio
import os
import pty
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

_SIZE = {"COLUMNS": "100", "LINES": "40", "TERM": "xterm"}


class Terminal:
    """A running command and everything that it has shown so far."""

    def __init__(self, master: int, process: asyncio.subprocess.Process) -> None:
        self.shown = ""
        self._master = master
        self._process = process
        asyncio.get_running_loop().add_reader(master, self._read)

    def _read(self) -> None:
        try:
            self.shown += os.read(self._master, 65536).decode(errors="replace")
        except OSError:  # the command has ended
            asyncio.get_running_loop().remove_reader(self._master)

    @property
    def running(self) -> bool:
        return self._process.returncode is None

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self._master, f"{text}\n".encode())

    async def ended(self) -> int:
        """Wait for its end; gives the exit code."""
        return await self._process.wait()

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)


@asynccontextmanager
async def on_terminal(words: Sequence[str], folder: Path) -> AsyncIterator[Terminal]:
    """Run `roosterbridge` with these words in a folder; it is killed at the end if it is still there."""
    master, slave = pty.openpty()
    program = str(Path(sys.executable).with_name("roosterbridge"))
    process = await asyncio.create_subprocess_exec(
        program, *words, stdin=slave, stdout=slave, stderr=slave, cwd=folder, env={**os.environ, **_SIZE}
    )
    os.close(slave)
    terminal = Terminal(master, process)
    try:
        yield terminal
    finally:
        if terminal.running:
            process.kill()
            await process.wait()
        terminal.close()
