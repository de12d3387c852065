"""Secrets at rest: Fernet keys, of which the first encrypts and all decrypt."""

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bridge.errors import ConfigError
from bridge.settings.schema import SecuritySettings


class Cipher:
    """Encrypts texts with the first of some keys, decrypts with any of them."""

    def __init__(self, keys: list[str]) -> None:
        """Take the keys, each 32 bytes in base64url.

        Raises:
            ConfigError: there is none, or one is no Fernet key.
        """
        try:
            fernets = [Fernet(key) for key in keys]
        except ValueError:
            raise ConfigError("The secret key is not a Fernet key; `roosterbridge init` makes one.") from None
        if not fernets:
            raise ConfigError("There is no secret key; `roosterbridge init` makes one.")
        self._first = fernets[0]
        self._all = MultiFernet(fernets)

    def encrypt(self, text: str) -> str:
        """`text`, unreadable without the key; another writing each time."""
        return self._all.encrypt(text.encode()).decode()

    def decrypt(self, sealed: str) -> str:
        """The text again.

        Raises:
            ConfigError: none of the keys opens it.
        """
        try:
            return self._all.decrypt(sealed).decode()
        except InvalidToken:
            raise ConfigError("The secret key does not fit this storage; use the key that it was made with.") from None

    def newest(self, sealed: str) -> bool:
        """Whether the first key opens it."""
        try:
            self._first.decrypt(sealed)
        except InvalidToken:
            return False
        return True

    def rotate(self, sealed: str) -> str:
        """The same text under the first key."""
        return self._all.rotate(sealed).decode()


def load_keys(settings: SecuritySettings) -> list[str]:
    """The keys that the settings name: the variable's, else the file's.

    Raises:
        ConfigError: the file is not there or cannot be read.
    """
    if settings.secret_key is not None:
        text = settings.secret_key.get_secret_value().replace(",", "\n")
    else:
        try:
            text = settings.secret_key_file.read_text("utf-8")
        except FileNotFoundError:
            raise ConfigError(
                f"There is no secret key at {settings.secret_key_file}; `roosterbridge init` makes one."
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"The secret key at {settings.secret_key_file} cannot be read.") from error
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def write_new_key(path: Path) -> bool:
    """Write a new key to `path`, readable by its owner only; false, and nothing done, where a file is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "wb") as file:
        file.write(Fernet.generate_key() + b"\n")
    return True
