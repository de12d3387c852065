"""`roosterbridge init`."""

import os
from pathlib import Path

from bridge.cli.invocation import Invocation
from bridge.errors import ConfigError


def init(invocation: Invocation) -> None:
    """Write a settings file and a secret key; existing files stay."""
    from bridge.store.cipher import write_new_key

    path = settings_path(invocation)
    key = path.parent / "secret.key"
    try:
        wrote_key = write_new_key(key)
        wrote_settings = write_settings(path)
    except OSError as error:
        raise ConfigError(f"{error.filename} cannot be written: {error.strerror}.") from error
    written = [_sentence(path, wrote_settings), _sentence(key, wrote_key)]
    invocation.answer(
        {
            "config": str(path),
            "key": str(key),
            "written": [str(p) for p, w in ((path, wrote_settings), (key, wrote_key)) if w],
        },
        "\n".join([*written, "Next: add your school to the settings, then run `roosterbridge check`."]),
    )


def _sentence(path: Path, wrote: bool) -> str:
    return f"Wrote {path}." if wrote else f"Kept {path}, which existed already."


def settings_path(invocation: Invocation) -> Path:
    """Where the settings file is, or would be."""
    from bridge.settings.load import DEFAULT_PATH

    return invocation.config or Path(os.environ.get("BRIDGE_CONFIG") or DEFAULT_PATH)


def write_settings(path: Path) -> bool:
    """Write a settings file with every setting as a comment; one that exists stays. Raises OSError."""
    from bridge.cli.example import example_settings
    from bridge.store.private_files import make_file
    from bridge.upstream.discovery import discover

    path.parent.mkdir(parents=True, exist_ok=True)
    return make_file(path, example_settings(path.parent / "secret.key", discover().values()).encode())
