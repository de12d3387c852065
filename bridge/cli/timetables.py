"""`roosterbridge timetable …`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from bridge.cli.commands import command, group
from bridge.cli.invocation import Invocation
from bridge.cli.table import Table
from bridge.cli.written import write_one

if TYPE_CHECKING:
    from bridge.store.outbox import Outgoing

app = group("timetable", "Timetables: which ones make up a person's own, and which groups of them.")
_KEY: Any = typer.Argument(..., metavar="KEY", help="The key of a timetable, as `timetable search` or `list` shows it.")


@command(app)
def search(
    invocation: Invocation,
    user: str,
    source: str,
    word: str = typer.Argument(..., help="A word of its name."),
) -> None:
    """Search timetables by a word."""
    from bridge.sync.timetables import found_value, search_timetables

    found = invocation.run(lambda bridge: search_timetables(bridge.desk, user, source, word))
    table = Table(("key", "name"), [(one.key, one.name) for one in found])
    invocation.answer([found_value(one) for one in found], table)


@command(app, "list")
def list_followed(invocation: Invocation, user: str, source: str) -> None:
    """List the timetables that a person follows, with what can be chosen of them."""
    from bridge.sync.timetables import list_timetables, timetable_value

    followed = invocation.run(lambda bridge: list_timetables(bridge.desk, user, source))
    rows: list[tuple[str, str, str]] = []
    for one in followed:
        rows.append((one.key, one.name, "" if one.enabled else "off"))
        rows += [(f"  {option.id}", option.name, "chosen" if option.chosen else "") for option in one.options]
    invocation.answer([timetable_value(one) for one in followed], Table(("key", "name", ""), rows))


@command(app)
def add(invocation: Invocation, user: str, source: str, key: str = _KEY) -> None:
    """Follow a timetable, or switch it on again."""
    from bridge.sync.timetables import add_timetable

    write_one(invocation, "timetable add", (user, source), _changed, add_timetable, key)


@command(app)
def remove(invocation: Invocation, user: str, source: str, key: str = _KEY) -> None:
    """Follow a timetable no longer, or switch it off."""
    from bridge.sync.timetables import remove_timetable

    write_one(invocation, "timetable remove", (user, source), _changed, remove_timetable, key)


@command(app)
def choose(
    invocation: Invocation,
    user: str,
    source: str,
    key: str = _KEY,
    option: list[str] = typer.Argument(None, help="The ids of what to choose; none is everything."),
) -> None:
    """Choose options of a timetable, such as a group."""
    from bridge.sync.timetables import choose_options

    write_one(invocation, "timetable choose", (user, source), _changed, choose_options, key, option or [])


def _changed(sent: Outgoing) -> tuple[object, str]:
    from bridge.sync.timetables import change_value

    value = change_value(sent)
    return value, f"{value['key']}: {value['state']}"
