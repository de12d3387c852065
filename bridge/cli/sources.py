"""`roosterbridge source …`: the sources that are kept in the storage, and those of the settings file."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from bridge.cli.commands import command, group
from bridge.cli.deeds import recorded
from bridge.cli.invocation import Invocation
from bridge.cli.pairs import parse_pairs
from bridge.cli.table import Table
from bridge.cli.terminal import tell
from bridge.errors import ConfigError

if TYPE_CHECKING:
    from bridge.app import Bridge
    from bridge.people.sources import SourceValue

app = group("source", "Sources: the schools' systems that are read.")


@command(app)
def add(
    invocation: Invocation,
    name: str,
    type_: str = typer.Argument(metavar="TYPE", help="Which system it is, such as somtoday."),
    setting: list[str] = typer.Argument(None, metavar="[KEY=VALUE]...", help="Settings; see docs/configuration.md."),
    secret: list[str] = typer.Option(
        [], metavar="KEY", help="A setting that is read from standard input, a line each; repeatable."
    ),
) -> None:
    """Add a source to the storage. A running service takes it up at once."""
    given: dict[str, str] = parse_pairs(setting or []) | _read_secrets(secret)

    async def work(bridge: Bridge) -> SourceValue:
        async with recorded(bridge, "source add", thing=name):
            await bridge.known.add(name, type_, given)
        return bridge.known.value(name)

    invocation.answer(invocation.run(work), f"Added the source {name}.")


def _read_secrets(keys: list[str]) -> dict[str, str]:
    found = {}
    for key in keys:
        if sys.stdin.isatty():
            value: str = typer.prompt(key, hide_input=True, err=True)
        else:
            value = sys.stdin.readline().rstrip("\r\n")
        if not value.strip():
            raise ConfigError(f"Standard input has no {key}.")
        found[key] = value
    return found


@command(app, "list")
def list_sources(invocation: Invocation) -> None:
    """List the sources of the settings file and of the storage."""

    async def work(bridge: Bridge) -> list[SourceValue]:
        return [bridge.known.value(name) for name in sorted(bridge.settings.sources)]

    found = invocation.run(work)
    rows = [(one.name, one.type, one.title, one.kept) for one in found]
    invocation.answer(found, Table(("source", "type", "title", "in the"), rows))


@command(app)
def remove(invocation: Invocation, name: str) -> None:
    """Remove a source from the storage. Its accounts stay, but are not read any more."""

    async def work(bridge: Bridge) -> int:
        async with recorded(bridge, "source remove", thing=name):
            return await bridge.known.remove(name)

    left = invocation.run(work)
    if left:
        what = f"1 account at {name} is" if left == 1 else f"{left} accounts at {name} are"
        tell(f"{what} not read any more; see `account list` and `account remove`.")
    invocation.answer({"name": name}, f"Removed the source {name}.")
