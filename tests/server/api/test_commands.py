"""The API does what the commands do."""

from typing import Any

import typer

from bridge.cli.main import app
from bridge.server.api.endpoints import ENDPOINTS

# these need a shell, or a browser on the person's own machine
_EXEMPT = {"demo", "init", "serve", "version", "account login"}
_EXEMPT_GROUPS = {"key", "storage"}


def _commands() -> set[str]:
    found: dict[str, Any] = getattr(typer.main.get_command(app), "commands", {})
    names = set()
    for name, command in found.items():
        names |= {f"{name} {word}" for word in getattr(command, "commands", {})} or {name}
    return {name for name in names if name.partition(" ")[0] not in _EXEMPT_GROUPS}


def test_the_api_does_all_that_the_commands_do() -> None:
    assert {one.does for one in ENDPOINTS} - {"version"} == _commands() - _EXEMPT
