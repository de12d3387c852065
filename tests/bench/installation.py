"""An installation as a school has it: settings, people, feeds and a SQLite file in one folder."""

import json
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import chdir, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from typer.testing import CliRunner

from bridge.cli.main import app
from tests.bench.processes import PROGRAM, Ended, environment, run
from tests.bench.pupils import RunningServer, sample_pupils

_UNHURRIED = {"requests_per_second": 1_000_000}  # the only setting that is not its default
_PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Installation:
    """A folder with settings and a storage, and the paths of its feeds."""

    folder: Path
    feeds: tuple[str, ...] = ()

    def copy(self, name: str) -> "Installation":
        """The same in another folder beside it, in place of what was there."""
        other = self.folder.with_name(name)
        shutil.rmtree(other, ignore_errors=True)
        shutil.copytree(self.folder, other)
        return Installation(other, self.feeds)

    def run(self, *words: str) -> Ended:
        """Run a command as a process."""
        return run([PROGRAM, *words], self.folder)

    def prepare(self, words: Sequence[str], secret: str = "") -> Any:
        """Run a command within this process, where its cost does not matter; gives its JSON."""
        with chdir(self.folder):
            result = CliRunner().invoke(app, ["--json", *words], input=secret, catch_exceptions=False)
        if result.exit_code:
            raise RuntimeError(result.output)
        return json.loads(result.stdout)

    def stored_bytes(self) -> int:
        """The size of the whole storage, with its log written back."""
        file = self.folder / "data" / "bridge.db"
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return sum(one.stat().st_size for one in file.parent.glob(f"{file.name}*"))

    @contextmanager
    def serving(self) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
        """Run the service; gives its process and port."""
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [PROGRAM, "serve"],
                cwd=self.folder,
                env=environment() | {"BRIDGE_SERVER__PORT": str(port)},
                stdin=subprocess.DEVNULL,
                stderr=log,
            )
        try:
            _wait_for(f"http://127.0.0.1:{port}/readyz")
            yield process, port
        finally:
            process.terminate()
            process.wait(_PATIENCE)


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            urlopen(address, timeout=_PATIENCE).close()
        except (URLError, ConnectionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def new_installation(folder: Path, server: RunningServer, count: int, *tables: str) -> Installation:
    """A user, an account and a feed for each of `count` pupils. Nothing is read yet. `tables` are further settings."""
    folder.mkdir(parents=True)
    bare = Installation(folder)
    bare.run("init")
    settings = server.settings | _UNHURRIED
    lines = [*tables, "[sources.school]", *(f"{name} = {json.dumps(value)}" for name, value in settings.items())]
    (folder / "config" / "bridge.toml").write_text("\n".join(lines), "utf-8")
    feeds = []
    for pupil in sample_pupils(count):
        user = pupil.first_name.lower()
        bare.prepare(["user", "add", user, "--title", pupil.first_name])
        bare.prepare(["account", "add", user, "school", "--secret-stdin"], f"refresh-{pupil.number}")
        url = bare.prepare(["feed", "add", user])["url"]
        feeds.append("/f/" + url.rpartition("/")[2])
    return Installation(folder, tuple(feeds))
