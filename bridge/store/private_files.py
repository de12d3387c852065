"""Files and folders that only their owner can read, whatever the umask."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, with mode 0700; existing ones stay as they are."""
    for missing in reversed([one for one in (path, *path.parents) if not one.exists()]):
        missing.mkdir(mode=stat.S_IRWXU, exist_ok=True)


def make_file(path: Path, content: bytes = b"") -> bool:
    """Make a file with mode 0600, on disk when this returns. If it exists, do nothing and return false."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
    except FileExistsError:
        return False
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    _keep_names(path.parent)
    return True


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file at once by one with mode 0600, on disk when this returns. Raises OSError; the file then stays."""
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    make_file(beside, content)
    beside.replace(path)
    _keep_names(path.parent)


def _keep_names(folder: Path) -> None:
    """Have the names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def open_to_others(paths: Iterable[Path]) -> list[str]:
    """A sentence for each of these files that others than its owner may read or write."""
    return [
        f"{path} is open to others on this machine; `chmod 600 {path}` closes it."
        for path in paths
        if path.is_file() and path.stat().st_mode & _OTHERS
    ]
