"""A run of the program: how a command opens everything, and prints."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bridge.cli.table import Table
from bridge.cli.terminal import shown, shown_json, tell

if TYPE_CHECKING:
    from bridge.app import Bridge
    from bridge.settings.schema import Settings
    from bridge.upstream.configured import ConfiguredSource

_RESULT = TypeVar("_RESULT")


@dataclass
class Invocation:
    """A run of the program, with the values of `--config` and `--json`."""

    config: Path | None = None
    as_json: bool = False
    warned: bool = False

    def settings(self) -> Settings:
        """Load the settings. Their warnings are not printed yet. Raises ConfigError."""
        from bridge.settings.load import load_settings
        from bridge.upstream.discovery import discover

        return load_settings(self.config, {name: found.settings for name, found in discover().items()})

    def run(self, work: Callable[[Bridge], Coroutine[Any, Any, _RESULT]]) -> _RESULT:
        """Open everything and run `work`. The first time, print the warnings of the settings. Raises BridgeError.

        A signal ends the program in order; see `until_interrupted`.
        """
        import asyncio

        from bridge.app import open_bridge
        from bridge.cli.interruption import Interrupted, until_interrupted
        from bridge.logs import configure_logs

        settings = self.settings()
        for warning in () if self.warned else settings.warnings:
            tell(warning)
        self.warned = True
        configure_logs(settings.logging.level if verbose() else "error", settings.logging.format)

        async def opened() -> _RESULT:
            async with open_bridge(settings) as bridge:
                return await until_interrupted(work(bridge), bridge.store.credentials)

        try:
            return asyncio.run(opened())
        except Interrupted as end:
            sys.exit(end.code)

    def private_files(self) -> list[Path]:
        """The files that nobody else should read: settings, keys and, on SQLite, the storage. Raises ConfigError."""
        from bridge.settings.load import DEFAULT_PATH
        from bridge.store.database import Database

        settings = self.settings()
        config = self.config or Path(os.environ.get("BRIDGE_CONFIG") or DEFAULT_PATH)
        storage = Database(settings.storage.url).file
        return [config, settings.security.secret_key_file, *([] if storage is None else [storage])]

    def answer(self, value: object, text: str | Table | None) -> None:
        """Print `value`, also of dataclasses, as JSON with `--json`, else `text`."""
        if self.as_json:
            print(shown_json(json.dumps(value, ensure_ascii=False, default=asdict)), flush=True)
        elif isinstance(text, Table):
            text.print()
        elif text is not None:
            print(shown(text), flush=True)


def verbose() -> bool:
    """Whether the operator has asked for the whole log."""
    return os.environ.get("BRIDGE_LOGGING__LEVEL", "").lower() == "debug"


def configured(bridge: Bridge, name: str) -> ConfiguredSource:
    """The source of that name. Raises UnknownName."""
    from bridge.people.sources import check_known

    check_known(bridge.settings.sources, name)
    return bridge.sources[name]
