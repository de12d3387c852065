"""Encryption of stored secrets with Fernet keys. The first key encrypts, all decrypt."""

from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bridge.errors import ConfigError
from bridge.settings.schema import SecuritySettings
from bridge.store.private_files import make_file, replace_file


class Cipher:
    """Encrypts with the first key, decrypts with any.

    Another process may have got a new key: the keys are read again before something is encrypted, and when none fits.
    """

    def __init__(self, keys: list[str], load: Callable[[], list[str]] | None = None) -> None:
        """Create a cipher with keys of 32 bytes in base64url. `load` reads them again.

        Raises:
            ConfigError: there is no key, or one is not a Fernet key.
        """
        self._load = load
        self._use(keys)

    def _use(self, keys: list[str]) -> None:
        try:
            fernets = [Fernet(key) for key in keys]
        except ValueError:
            raise ConfigError("The secret key is not a Fernet key; `roosterbridge init` makes one.") from None
        if not fernets:
            raise ConfigError("There is no secret key; `roosterbridge init` makes one.")
        self._keys = keys
        self._first = fernets[0]
        self._all = MultiFernet(fernets)

    def read_again(self) -> bool:
        """Read the keys again. Returns whether they have changed; keys that have nothing in common are not used."""
        try:
            keys = self._load() if self._load is not None else self._keys
            if keys == self._keys or not set(keys) & set(self._keys):
                return False
            self._use(keys)
        except ConfigError:  # the file is being written, or away
            return False
        return True

    def encrypt(self, text: str) -> str:
        """Encrypt `text`. Each call gives another result."""
        self.read_again()
        return self._all.encrypt(text.encode()).decode()

    def decrypt(self, sealed: str) -> str:
        """Decrypt what `encrypt` gave.

        Raises:
            ConfigError: no key fits.
        """
        try:
            return self._all.decrypt(sealed).decode()
        except InvalidToken:
            if self.read_again():
                return self.decrypt(sealed)
            raise ConfigError("The secret key does not fit this storage; use the key with which it was made.") from None

    def newest(self, sealed: str) -> bool:
        """Whether `sealed` is encrypted with the first key."""
        try:
            self._first.decrypt(sealed)
        except InvalidToken:
            return False
        return True

    def rotate(self, sealed: str) -> str:
        """The same text, encrypted with the first key."""
        return self._all.rotate(sealed).decode()


def load_keys(settings: SecuritySettings) -> list[str]:
    """The keys from `security.secret_key`, or else from the file.

    Raises:
        ConfigError: the file does not exist or cannot be read.
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
    """Write a new key that only the owner can read. If the file exists, do nothing and return false."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return make_file(path, Fernet.generate_key() + b"\n")


def add_first_key(path: Path) -> None:
    """Put a new key before those of a file, which is replaced at once and is on disk when this returns.

    Raises:
        ConfigError: it cannot be written.
    """
    try:
        replace_file(path, Fernet.generate_key() + b"\n" + path.read_bytes())
    except OSError as error:
        raise ConfigError(f"The secret key at {path} cannot be written: {error.strerror}.") from error
