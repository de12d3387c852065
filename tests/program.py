"""The program as its users run it: processes of their own in a folder, beside the stand-ins that they read."""

import asyncio
import inspect
import json
import multiprocessing
import os
import pkgutil
import re
import resource
import signal
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bridge
from bridge.app import Bridge, open_bridge
from bridge.cli.main import main
from bridge.model.clock import now_utc
from bridge.settings.load import load_settings
from bridge.upstream.discovery import discover
from bridge.upstream.standin import StandIn
from tests.conftest import KEY, NO_RETRY

PATIENCE = 60.0
SOURCES = {"fortes": "somtoday", "uva": "mytimetable", "vrij": "holidays"}
_PAUSE = 0.02
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


def _can_be_imported(module: str) -> bool:
    """Whether importing a module of the program does nothing else."""
    return not module.endswith("__main__") and "migrations." not in module


# Commands run in processes that are forked off one that has imported the whole program: a second saved on each.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        *("tests.program", "tests.provider", "alembic.command", "rich.progress", "rich.table", "holidays.countries"),
        *(found.name for found in pkgutil.walk_packages(bridge.__path__, "bridge.") if _can_be_imported(found.name)),
        "tests.frozen",
    ]
)


def _become(words: Sequence[str], folder: Path, env: Mapping[str, str], streams: Sequence[Path], files: int) -> None:
    """In the new process: be `roosterbridge` with these words, variables, files for standard streams and open files."""
    for number, (file, mode) in enumerate(zip(streams, (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT] * 2), strict=True)):
        os.dup2(os.open(file, mode), number)
    sys.stdin = os.fdopen(0, encoding="utf-8")
    if files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    sys.path[:0] = [folder for folder in env.get("PYTHONPATH", "").split(os.pathsep) if folder]
    sys.argv = [str(Path(sys.executable).with_name("roosterbridge")), *words]
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
    """A command in a process of its own, with this on its standard input, or what is typed.

    `address` is where it listens, once that is known.
    """

    def __init__(
        self, words: Sequence[str], folder: Path, env: Mapping[str, str], stdin: str | None, *, files: int = 0
    ) -> None:
        name = uuid.uuid4().hex
        streams = [folder / f".{name}-{stream}" for stream in ("in", "out", "err")]
        self._stdin, self.printed, self.log = streams
        self.printed.touch()
        self.log.touch()
        self._input = 0
        if stdin is None:
            os.mkfifo(self._stdin)
            self._input = os.open(self._stdin, os.O_RDWR)  # so that the command does not wait to open it
        else:
            self._stdin.write_text(stdin, "utf-8")
        self._process = FORKS.Process(target=_become, args=(words, folder, env, streams, files))
        self._ended = asyncio.Event()
        self.address = ""

    async def start(self) -> None:
        await asyncio.to_thread(self._process.start)
        asyncio.get_running_loop().add_reader(self._process.sentinel, self._end)

    def _end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._process.sentinel)
        self._process.join()
        self._ended.set()

    def type(self, text: str) -> None:
        """Write this to its standard input, once it has said something, and end that."""
        os.write(self._input, text.encode())
        self.close()

    def close(self) -> None:
        """End its standard input."""
        if self._input:
            os.close(self._input)
        self._input = 0

    @property
    def running(self) -> bool:
        return not self._ended.is_set()

    def send(self, number: signal.Signals) -> None:
        """Send a signal, and wait for nothing."""
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    @property
    def number(self) -> int:
        """The number of the process."""
        assert self._process.pid is not None
        return self._process.pid

    def kill(self) -> None:
        """End it at once, whatever it does."""
        self._process.kill()

    def limit_files(self, size: int | None) -> None:
        """Have it write no file beyond a size, as on a full disk; `None` is any size."""
        assert self._process.pid is not None
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (most if size is None else size, most))

    def told(self) -> str:
        """Everything on standard error so far."""
        return self.log.read_text("utf-8")

    def out(self) -> str:
        """Everything on standard output so far."""
        return self.printed.read_text("utf-8")

    async def stop(self, number: signal.Signals = signal.SIGTERM, *, patience: float = PATIENCE) -> int:
        """Send a signal and wait; gives the exit code."""
        assert self._process.pid is not None
        os.kill(self._process.pid, number)
        return (await self.outcome(patience)).code

    async def outcome(self, patience: float = PATIENCE) -> Outcome:
        """Wait for its end; any number of tasks may."""
        await asyncio.wait_for(self._ended.wait(), patience)
        assert self._process.exitcode is not None
        assert "Traceback" not in self.told()
        return Outcome(self._process.exitcode, self.printed.read_bytes(), self.told())


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
        self.config.chmod(0o600)

    def write_key(self) -> Path:
        """Make the folder, with the key of all tests in it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        key = self.folder / "secret.key"
        key.write_text(KEY + "\n", "utf-8")
        key.chmod(0o600)
        return key

    async def run(self, *words: str, stdin: str = "", env: Mapping[str, str] | None = None) -> Outcome:
        """Run a command to its end."""
        async with self.start(*words, stdin=stdin, env=env) as command:
            return await command.outcome()

    def command(
        self, *words: str, stdin: str | None = "", env: Mapping[str, str] | None = None, files: int = 0
    ) -> Command:
        """A command that is not started yet, which may open so many files; without `stdin`, it is typed to."""
        return Command(words, self.folder, {**os.environ, **self.environment, **(env or {})}, stdin, files=files)

    @asynccontextmanager
    async def start(
        self, *words: str, stdin: str | None = "", env: Mapping[str, str] | None = None, files: int = 0
    ) -> AsyncIterator[Command]:
        """Start a command; it is killed at the end if it is still there."""
        command = self.command(*words, stdin=stdin, env=env, files=files)
        try:
            await command.start()
            yield command
        finally:
            command.close()
            if command.running:
                command.kill()
                await command.outcome()

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
        assert outcome.err.rstrip().endswith((".", "?", ")"))
        return outcome.err.strip()

    @asynccontextmanager
    async def serve(self, *, files: int = 0) -> AsyncIterator[Command]:
        """Start the service, with so many files at most, and wait until it listens."""
        async with self.start("serve", files=files) as service:
            await until(lambda: not service.running or "serving" in service.told())
            found = _ADDRESS.search(service.told())
            assert found is not None, service.told()
            service.address = found[0]
            yield service

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Bridge]:
        """The same storage and sources from within the test, where no process of its own is called for."""
        async with self.opened_at(self.storage_url) as bridge:
            yield bridge

    @asynccontextmanager
    async def opened_at(self, storage_url: str) -> AsyncIterator[Bridge]:
        """The same with another storage."""
        types = {name: found.settings for name, found in discover().items()}
        settings = load_settings(self.config, types, {"BRIDGE_STORAGE__URL": storage_url})
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
