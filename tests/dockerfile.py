"""Building and running a Dockerfile without Docker: each step as it stands, over a copy-on-write view of this machine.

This machine, with the Python that runs the tests, stands in for every base image. What a stage writes is in a folder
of its own (overlayfs, in a mount namespace of each command), so all paths, users and rights are real.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_PYTHON = Path(sys.executable).resolve()
_PATH = f"{_PYTHON.parent}:/usr/bin:/bin:/usr/sbin:/sbin"
_INSTRUCTION = re.compile(r"^(?P<name>[A-Z]+)\s+(?P<flags>(?:--\S+\s+)*)(?P<rest>.*)$", re.DOTALL)
_ENTER = """
set -e
mount -t overlay overlay -o "$LAYERS" "$ROOT"
if [ -n "$VOLUME" ]; then mount --bind "$VOLUME" "$ROOT$AT"; mount -o remount,ro "$ROOT"; fi
mount --rbind /proc "$ROOT/proc"
mount --rbind /dev "$ROOT/dev"
exec chroot --userspec="$OWNER" "$ROOT" env -i "$@"
"""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction with its flags, as `--from=build`, and the rest of it on one line."""

    name: str
    flags: tuple[str, ...]
    rest: str

    @property
    def words(self) -> list[str]:
        """What is to be run: as it is in JSON, or by a shell."""
        return list(json.loads(self.rest)) if self.rest.startswith("[") else ["/bin/sh", "-c", self.rest]


def read_dockerfile(text: str) -> Iterator[Instruction]:
    """The instructions of a Dockerfile, in order."""
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in re.sub(r"\\\n", " ", "\n".join(lines)).splitlines():
        if line.strip():
            match = _INSTRUCTION.match(line.strip())
            assert match is not None, line
            yield Instruction(match["name"], tuple(match["flags"].split()), match["rest"].strip())


@dataclass
class Stage:
    """What a FROM has become so far. `root` is what it has written over this machine."""

    place: Path
    folder: str = "/"
    user: str = "root"
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": _PATH})
    volumes: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    healthcheck: list[str] = field(default_factory=list)

    @property
    def root(self) -> Path:
        return self.place / "root"

    def inside(self, path: str) -> Path:
        """Where a path of the stage is on this machine, once it was written there."""
        return self.root / os.path.normpath(f"{self.folder}/{path}" if not path.startswith("/") else path).lstrip("/")

    def entered(
        self, words: Sequence[str], *, volume: Path | None = None, more: Mapping[str, str] | None = None
    ) -> tuple[list[str], dict[str, str]]:
        """The command, and its environment, that runs `words` in the stage; with a `volume`, all else is read-only."""
        merged, work = self.place / "merged", self.place / "work"
        for made in (self.root, merged, work):
            made.mkdir(parents=True, exist_ok=True)
        pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        chosen = {"HOME": "/", **pip, **self.environment, **(more or {})}
        inner = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', self.folder, *words]
        command = ["unshare", "--mount", "/bin/sh", "-c", _ENTER, "enter"]
        command += [*(f"{name}={value}" for name, value in chosen.items()), *inner]
        variables = {
            "PATH": os.environ["PATH"],
            "LAYERS": f"lowerdir=/,upperdir={self.root},workdir={work}",
            "ROOT": str(merged),
            "OWNER": self._owner(),
            "VOLUME": str(volume or ""),
            "AT": self.volumes[0] if volume else "",
        }
        return command, variables

    def _owner(self) -> str:
        if self.user == "root":
            return "0:0"
        for line in (self.root / "etc/passwd").read_text("utf-8").splitlines():
            name, _, number, group, *_ = line.split(":")
            if name == self.user:
                return f"{number}:{group}"
        raise AssertionError(f"no user {self.user} was made")

    def run(self, words: Sequence[str]) -> None:
        """Run `words` and keep what they wrote."""
        command, variables = self.entered(words)
        subprocess.run(command, env=variables, check=True)


def build(dockerfile: Path, place: Path) -> Stage:
    """Every stage as its instructions say; gives the last one."""
    stages: dict[str, Stage] = {}
    stage: Stage | None = None
    for instruction in read_dockerfile(dockerfile.read_text("utf-8")):
        if instruction.name == "FROM":
            _, _, name = instruction.rest.partition(" AS ")
            stage = stages[name] = _base(place / (name or "last"))
        else:
            assert stage is not None
            _follow(stage, instruction, stages, dockerfile.parent)
    assert stage is not None
    return stage


def _base(place: Path) -> Stage:
    """A stage of which nothing is written but that everybody may run Python."""
    stage = Stage(place)
    stage.run(["chmod", "a+rx", *(str(parent) for parent in _PYTHON.parents)])
    return stage


def _follow(  # noqa: C901 - one case an instruction
    stage: Stage, instruction: Instruction, stages: Mapping[str, Stage], context: Path
) -> None:
    match instruction.name:
        case "RUN":
            stage.run(instruction.words)
        case "COPY":
            origin = stages[instruction.flags[0].partition("=")[2]].root if instruction.flags else context
            *sources, target = instruction.rest.split()
            for source in sources:
                _copy(origin / source.lstrip("/"), stage.inside(target), into=target.endswith("/"))
        case "WORKDIR":
            stage.run(["mkdir", "-p", instruction.rest])
            stage.folder = instruction.rest
        case "ENV":
            for pair in shlex.split(instruction.rest):
                name, _, value = pair.partition("=")
                stage.environment[name] = value.replace("$PATH", stage.environment["PATH"])
        case "USER":
            stage.user = instruction.rest
        case "VOLUME":
            stage.volumes.append(instruction.rest)
        case "CMD":
            stage.command = instruction.words
        case "HEALTHCHECK":
            stage.healthcheck = json.loads(instruction.rest.partition("CMD ")[2])
        case "EXPOSE":
            pass
        case other:
            raise AssertionError(f"no test knows what {other} does")


def _copy(source: Path, target: Path, *, into: bool) -> None:
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    else:
        (target if into else target.parent).mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
