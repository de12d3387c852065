"""The container: built by the Dockerfile's own steps, and started on an empty volume with all else read-only."""

import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import slow
from tests.dockerfile import Stage, build

ROOT = Path(__file__).parents[1]
PATIENCE = 60
pytestmark = [
    slow("the Dockerfile, step by step"),
    pytest.mark.skipif(os.getuid() != 0 or not shutil.which("unshare"), reason="needs root, to mount file systems"),
]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return build(ROOT / "Dockerfile", tmp_path_factory.mktemp("image"))


@pytest.fixture
def volume(image: Stage, tmp_path: Path) -> Path:
    """A new volume, with what the image has in its place."""
    (where,) = image.volumes
    return Path(shutil.copytree(image.inside(where), tmp_path / "volume", copy_function=shutil.copy))


@contextmanager
def started(image: Stage, volume: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The container, once it answers."""
    owner = image.inside(image.volumes[0]).stat()
    os.chown(volume, owner.st_uid, owner.st_gid)
    command, variables = image.entered(image.command, volume=volume, more={"BRIDGE_SERVER__PORT": str(port)})
    with subprocess.Popen(command, env=variables) as process:
        try:
            wait_for(f"http://127.0.0.1:{port}/readyz", process)
            yield process
        finally:
            process.kill()


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, ConnectionError):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_it_starts_on_an_empty_volume_goes_on_with_it_and_ends_when_it_is_told(
    image: Stage, volume: Path, unused_tcp_port: int
) -> None:
    keys = set()
    for _ in range(2):
        with started(image, volume, unused_tcp_port) as container:
            container.send_signal(signal.SIGTERM)
            assert container.wait(timeout=20) == 0
        assert (volume / "config/bridge.toml").exists()
        assert (volume / "bridge.db").exists()
        assert (volume / "config/secret.key").stat().st_mode & 0o777 == 0o600
        keys.add((volume / "config/secret.key").read_bytes())
    assert len(keys) == 1


def test_it_runs_as_somebody_without_rights_and_knows_its_health(
    image: Stage, volume: Path, unused_tcp_port: int
) -> None:
    with started(image, volume, unused_tcp_port) as container:
        status = Path(f"/proc/{container.pid}/status").read_text("utf-8")
        (owner,) = {number for line in status.splitlines() if line.startswith("Uid:") for number in line.split()[1:]}
        assert int(owner) == 10001
        check, variables = image.entered(
            image.healthcheck, volume=volume, more={"BRIDGE_SERVER__PORT": str(unused_tcp_port)}
        )
        assert subprocess.run(check, env=variables, check=False).returncode == 0
    assert subprocess.run(check, env=variables, check=False, stderr=subprocess.DEVNULL).returncode != 0


def test_it_has_what_was_installed_and_nothing_of_how(image: Stage) -> None:
    assert [path.name for path in image.inside("/app").iterdir()] == ["venv"]
    assert not list(image.root.rglob("*.whl"))
