"""Which processes work on a storage: on SQLite, one that has ended, however it ended, is known to at once."""

import fcntl
import os
import secrets
from contextlib import suppress
from pathlib import Path

_OWNER_BYTES = 8


class Presence:
    """The name of this process among those on a storage, of which nobody can tell whether they have ended."""

    def __init__(self) -> None:
        self.owner = secrets.token_hex(_OWNER_BYTES)

    def announce(self) -> None:
        """Let other processes know that this one works, from now until `close`."""

    def has_ended(self, owner: str) -> bool:  # noqa: ARG002 - see FilePresence
        """Whether another process is known to have ended."""
        return False

    def close(self) -> None:
        """Work no more."""


class FilePresence(Presence):
    """The same beside a file: a process holds a lock on a file of its own, which the system gives back at its end."""

    def __init__(self, beside: Path) -> None:
        super().__init__()
        self._beside = beside
        self._file: int | None = None

    def announce(self) -> None:
        """See `Presence.announce`."""
        while self._file is None:
            file = os.open(self._path(self.owner), os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(file, fcntl.LOCK_EX)
            if os.fstat(file).st_nlink:  # else another process took it for one that nobody holds
                self._file = file
                self._sweep()
            else:
                os.close(file)

    def has_ended(self, owner: str) -> bool:
        """See `Presence.has_ended`."""
        if owner == self.owner:
            return False
        try:
            file = os.open(self._path(owner), os.O_RDWR)
        except FileNotFoundError:
            return True
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._path(owner).unlink(missing_ok=True)
        except BlockingIOError:
            return False
        finally:
            os.close(file)
        return True

    def close(self) -> None:
        """See `Presence.close`."""
        if self._file is not None:
            self._path(self.owner).unlink(missing_ok=True)
            os.close(self._file)
            self._file = None

    def _path(self, owner: str) -> Path:
        return self._beside.with_name(f"{self._beside.name}-{owner}.alive")

    def _sweep(self) -> None:
        """Remove the files of processes that have ended."""
        before, after = f"{self._beside.name}-", ".alive"
        with suppress(OSError):
            for path in self._beside.parent.glob(f"{before}*{after}"):
                self.has_ended(path.name.removeprefix(before).removesuffix(after))
