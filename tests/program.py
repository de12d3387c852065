"""The program as its users run it: processes of their own in a folder, beside the stand-ins that they read."""

import asyncio
import inspect
import json
import multiprocessing
import os
import re
import signal
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridge.app import Bridge, now_utc, open_bridge
from bridge.cli.main import main
from bridge.settings.load import load_settings
from bridge.upstream.discovery import discover
from bridge.upstream.standin import StandIn
from tests.conftest import KEY, NO_RETRY

PATIENCE = 60.0
SOURCES = {"fortes": "somtoday", "uva": "mytimetable", "vrij": "holidays"}
_PAUSE = 0.02
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


# Commands run in processes that are forked off one that has imported the program: a second saved on each.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        *("tests.program", "bridge.people.logins", "bridge.people.rosters", "rich.progress", "rich.table"),
        *(f"bridge.sources.{name}.source" for name in discover()),
    ]
)


def _become(words: Sequence[str], folder: Path, env: Mapping[str, str], streams: Sequence[Path]) -> None:
    """In the new process: be `roosterbridge` with these words, variables and files for standard streams."""
    for number, (file, mode) in enumerate(zip(streams, (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT] * 2), strict=True)):
        os.dup2(os.open(file, mode), number)
    sys.stdin = os.fdopen(0, encoding="utf-8")
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    sys.path[:0] = env.get("PYTHONPATH", "").split(os.pathsep)
    sys.argv = ["roosterbridge", *words]
    main()


async def until(happened: Callable[[], object], *, patience: float = PATIENCE) -> None:
    """Wait for something that another process or task does; `happened` may be a coroutine function."""
    deadline = time.monotonic() + patience
    while True:
        found = happened()
        if await found if inspect.isawaitable(found) else found:
            return
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(_PAUSE)


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: bytes
    err: str

    @property
    def json(self) -> Any:
        """The one JSON value on standard output; fails on anything else there."""
        return json.loads(self.out)

    @property
    def url(self) -> str:
        """The address in the answer of `feed add` or `feed rotate`."""
        return str(self.json["url"])


class Command:
    """A command that ends by itself, in a process that is forked off."""

    def __init__(self, words: Sequence[str], folder: Path, env: Mapping[str, str], stdin: str) -> None:
        name = uuid.uuid4().hex
        self._streams = [folder / f".{name}-{stream}" for stream in ("in", "out", "err")]
        self._streams[0].write_text(stdin, "utf-8")
        self._process = _FORKS.Process(target=_become, args=(words, folder, env, self._streams))

    async def start(self) -> None:
        await asyncio.to_thread(self._process.start)
        self._end = asyncio.create_task(asyncio.to_thread(self._process.join, PATIENCE))

    def kill(self) -> None:
        """End it at once, whatever it does."""
        self._process.kill()

    async def outcome(self) -> Outcome:
        """Wait for its end; any number of tasks may."""
        await asyncio.shield(self._end)
        assert self._process.exitcode is not None, "the command did not end"
        out, err = self._streams[1].read_bytes(), self._streams[2].read_text("utf-8")
        assert "Traceback" not in err
        return Outcome(self._process.exitcode, out, err)


@dataclass
class Process:
    """A command that goes on until it is stopped."""

    process: asyncio.subprocess.Process
    log: Path
    printed: Path
    address: str = ""

    async def stop(self, number: signal.Signals = signal.SIGTERM, *, patience: float = PATIENCE) -> int:
        """Send a signal and wait; gives the exit code."""
        self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), patience)

    def told(self) -> str:
        """Everything on standard error so far."""
        return self.log.read_text("utf-8")

    def out(self) -> str:
        """Everything on standard output so far."""
        return self.printed.read_text("utf-8")


@dataclass
class Program:
    """A folder with settings, in which commands run; `stand_ins` are what it reads, by source name."""

    folder: Path
    storage_url: str = "sqlite:///data/bridge.db"
    stand_ins: dict[str, StandIn] = field(default_factory=dict)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        """The settings file."""
        return self.folder / "config" / "bridge.toml"

    def configure(self, changes: Mapping[str, dict[str, Any]] | None = None) -> None:
        """Write the settings file, with some tables changed."""
        for table, values in (changes or {}).items():
            self.tables[table] = self.tables.get(table, {}) | values
        lines = []
        for table, values in self.tables.items():
            lines += [f"[{table}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items()), ""]
        self.config.parent.mkdir(parents=True, exist_ok=True)
        self.config.write_text("\n".join(lines), "utf-8")

    def write_key(self) -> Path:
        """Make the folder, with the key of all tests in it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        key = self.folder / "secret.key"
        key.write_text(KEY + "\n", "utf-8")
        return key

    async def run(self, *words: str, stdin: str = "", env: Mapping[str, str] | None = None) -> Outcome:
        """Run a command to its end."""
        command = self.command(*words, stdin=stdin, env=env)
        await command.start()
        return await command.outcome()

    def command(self, *words: str, stdin: str = "", env: Mapping[str, str] | None = None) -> Command:
        """A command that is not started yet."""
        return Command(words, self.folder, {**os.environ, **self.environment, **(env or {})}, stdin)

    async def json(self, *words: str, stdin: str = "") -> Any:
        """The answer to a command that must do."""
        outcome = await self.run("--json", *words, stdin=stdin)
        assert outcome.code == 0, outcome.err
        return outcome.json

    async def refused(self, *words: str, stdin: str = "", env: Mapping[str, str] | None = None) -> str:
        """The one sentence of a command that must fail."""
        outcome = await self.run(*words, stdin=stdin, env=env)
        assert (outcome.code, outcome.out) == (1, b""), outcome
        assert len(outcome.err.splitlines()) == 1, outcome.err
        assert outcome.err.rstrip().endswith((".", "?"))
        return outcome.err.strip()

    @asynccontextmanager
    async def start(
        self, *words: str, env: Mapping[str, str] | None = None, files: int | None = None
    ) -> AsyncIterator[Process]:
        """Start a command that stays, with so many files at most; it is killed at the end if it is still there."""
        limit = ("sh", "-c", f'ulimit -n {files}; exec "$@"', "sh") if files else ()
        log, printed = self.folder / "stderr", self.folder / "stdout"
        with log.open("wb") as err, printed.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                *limit,
                sys.executable,
                "-m",
                "bridge",
                *words,
                cwd=self.folder,
                env={**os.environ, **self.environment, **(env or {})},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        try:
            yield Process(process, log, printed)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    @asynccontextmanager
    async def serve(self, *, files: int | None = None) -> AsyncIterator[Process]:
        """Start the service, with so many files at most, and wait until it listens."""
        async with self.start("serve", files=files) as service:
            await until(lambda: service.process.returncode is not None or "serving" in service.told())
            found = _ADDRESS.search(service.told())
            assert found is not None, service.told()
            service.address = found[0]
            yield service

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Bridge]:
        """The same storage and sources from within the test, where no process of its own is called for."""
        settings = load_settings(self.config, {name: found.settings for name, found in discover().items()}, {})
        async with open_bridge(settings, retry=NO_RETRY) as bridge:
            yield bridge


@asynccontextmanager
async def new_program(folder: Path, storage_url: str | None = None) -> AsyncIterator[Program]:
    """A program with a school, a university and holidays to read."""
    program = Program(folder, storage_url or f"sqlite:///{folder / 'data' / 'bridge.db'}")
    key = program.write_key()
    async with AsyncExitStack() as stack:
        tables: dict[str, dict[str, Any]] = {
            "server": {"port": 0, "public_url": "http://calendars.test"},
            "storage": {"url": program.storage_url},
            "security": {"secret_key_file": str(key)},
        }
        for name, kind in SOURCES.items():
            stand_in = discover()[kind].stand_in(now_utc)
            address = await stack.enter_async_context(stand_in.serve())
            program.stand_ins[name] = stand_in
            tables[f"sources.{name}"] = stand_in.settings_at(address) | {"requests_per_second": 1000}
        program.configure(tables)
        yield program
