"""`roosterbridge init`."""

import os
from pathlib import Path

from bridge.cli.invocation import Invocation
from bridge.errors import ConfigError


def init(invocation: Invocation) -> None:
    """Write a settings file and a secret key; existing files stay."""
    from bridge.cli.example import example_settings
    from bridge.settings.load import DEFAULT_PATH
    from bridge.store.cipher import write_new_key
    from bridge.upstream.discovery import discover

    path = invocation.config or Path(os.environ.get("BRIDGE_CONFIG") or DEFAULT_PATH)
    key = path.parent / "secret.key"
    try:
        wrote_key = write_new_key(key)
        wrote_settings = _write_new(path, example_settings(key, discover().values()))
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


def _write_new(path: Path, text: str) -> bool:
    from bridge.store.private_files import make_file

    path.parent.mkdir(parents=True, exist_ok=True)
    return make_file(path, text.encode())
