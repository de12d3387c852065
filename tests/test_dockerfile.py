"""The Dockerfile's install and start steps, run as they stand in an empty folder by somebody without rights."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOBODY = 65534


@dataclass
class Stage:
    """One FROM with what follows it."""

    base: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        return [rest for name, rest in self.steps if name == instruction]


def stages() -> list[Stage]:
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text("utf-8"))
    found: list[Stage] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.strip().partition(" ")
        if name == "FROM":
            found.append(Stage(rest))
        else:
            found[-1].steps.append((name, rest.strip()))
    return found


@dataclass
class Image:
    """A folder that plays the image's root: its absolute places are below it."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    def place(self, text: str) -> str:
        return re.sub(r"(?<![\w.])/(app|data)\b", lambda match: f"{self.root}/{match[1]}", text)

    def command(self, words: list[str] | str) -> tuple[list[str], dict[str, str]]:
        shell = ["sh", "-c", self.place(words)] if isinstance(words, str) else [self.place(word) for word in words]
        path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
        environment = {"PATH": path, "HOME": str(self.root / "home")}
        passed = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        for name, value in self.environment.items():
            environment[name] = self.place(value).replace("$PATH", environment["PATH"])
        return shell, passed | environment

    def run(self, words: str, folder: str) -> None:
        command, environment = self.command(words)
        subprocess.run(command, cwd=self.place(folder), env=environment, check=True, user=SOMEBODY, group=SOMEBODY)


# Who has no rights already stays who they are.
SOMEBODY = NOBODY if os.getuid() == 0 else None


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The build stage, made as its steps say, in an empty folder."""
    root = tmp_path_factory.mktemp("image")
    build, final = stages()
    made = Image(root)
    for name in ("app", "data", "home"):
        (root / name).mkdir()
    for copied in build.all("COPY"):
        *sources, target = copied.split()
        for source in sources:
            to = Path(made.place(f"/app/{target}"))
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, to, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
            else:
                shutil.copy(ROOT / source, to / source)
    if SOMEBODY is not None:
        _give_away(root, tmp_path_factory.getbasetemp())
    for step in build.all("RUN"):
        made.run(step, build.all("WORKDIR")[0])
    for line in final.all("ENV"):
        made.environment |= dict(pair.split("=", 1) for pair in line.split())
    return made


def _give_away(root: Path, temporary: Path) -> None:
    """Make a folder somebody else's, and reachable for them."""
    for place in [root, *root.rglob("*")]:
        os.chown(place, NOBODY, NOBODY)
    for parent in root.parents:
        if parent.is_relative_to(temporary.parents[1]) and parent.owner() == Path.home().owner():
            parent.chmod(parent.stat().st_mode | 0o711)


def test_it_is_built_in_one_stage_and_run_in_another_by_nobody_in_particular() -> None:
    build, final = stages()
    assert build.base.endswith(" AS build")
    assert final.all("USER") == ["roosterbridge"]
    assert final.all("VOLUME") == ["/data"]
    assert any(copied.startswith("--from=build") for copied in final.all("COPY"))


def test_it_starts_on_an_empty_volume_is_healthy_and_writes_nowhere_else(image: Image, unused_tcp_port: int) -> None:
    final = stages()[1]
    command, environment = image.command(json.loads(final.all("CMD")[0]))
    environment |= {"BRIDGE_SERVER__PORT": str(unused_tcp_port), "BRIDGE_SERVER__HOST": "127.0.0.1"}
    before = {path for path in image.root.rglob("*") if "data" not in path.relative_to(image.root).parts}
    service = subprocess.Popen(
        command, cwd=image.place(final.all("WORKDIR")[0]), env=environment, user=SOMEBODY, group=SOMEBODY
    )
    try:
        _wait_for(f"http://127.0.0.1:{unused_tcp_port}/readyz")
        words = final.all("HEALTHCHECK")[0].partition("CMD ")[2]
        check, _ = image.command(json.loads(words))
        assert subprocess.run(check, env=environment, check=False, user=SOMEBODY, group=SOMEBODY).returncode == 0
    finally:
        service.terminate()
        assert service.wait(timeout=20) == 0
    after = {path for path in image.root.rglob("*") if "data" not in path.relative_to(image.root).parts}
    assert after == before
    assert (image.root / "data/config/bridge.toml").exists()
    assert (image.root / "data/config/secret.key").stat().st_mode & 0o777 == 0o600


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, ConnectionError):
            assert time.monotonic() < deadline
            time.sleep(0.1)
