"""Room on the disk of a SQLite file for the answers to tokens that are out: no token is sent without it."""

import errno
import os
from contextlib import suppress
from pathlib import Path

from bridge.errors import StorageError
from bridge.store.trouble import trouble_of

SIZE = 1024 * 1024
"""In bytes: the answers to all tokens that can be out at once, in the log and in the file, several times over."""


class Reserve:
    """A file that takes room on the disk until it is needed."""

    def __init__(self, beside: Path) -> None:
        """Create a reserve for the SQLite file `beside`; nothing is on disk yet."""
        self._file = beside.with_suffix(".reserve")

    def hold(self) -> None:
        """Take the room, if it is not taken already.

        Raises:
            StorageError: there is none.
        """
        if self._file.exists():
            return
        try:
            file = os.open(self._file, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.posix_fallocate(file, 0, SIZE)
            finally:
                os.close(file)
        except OSError as error:
            self.spend()
            full = OSError(errno.ENOSPC, "no room") if error.errno == errno.EFBIG else error
            raise trouble_of(full, str(self._file)) or StorageError(f"{self._file} cannot be written.") from error

    def spend(self) -> None:
        """Give the room to whoever writes."""
        with suppress(OSError):
            self._file.unlink(missing_ok=True)
