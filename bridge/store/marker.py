"""The marker beside the secret key: which storages it has opened, so that one that is gone is not made again."""

from contextlib import suppress
from pathlib import Path

from bridge.errors import StorageError
from bridge.store.private_files import make_file


class Marker:
    """A file of paths, one a line."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def expect(self, storage: Path) -> None:
        """Raise StorageError if `storage` was there and is gone."""
        if not storage.exists() and str(storage.resolve()) in self._known():
            raise StorageError(
                f"The storage at {storage} is gone; put back a copy of it, or remove its line from {self._path} "
                "to begin with an empty one."
            )

    def note(self, storage: Path) -> None:
        """Remember that `storage` is there. Where the folder of the key is read-only, it is not remembered."""
        known = self._known()
        if str(storage.resolve()) in known:
            return
        with suppress(OSError):
            make_file(self._path)
            self._path.write_text("".join(f"{line}\n" for line in [*known, storage.resolve()]), "utf-8")

    def _known(self) -> list[str]:
        try:
            return self._path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return []
