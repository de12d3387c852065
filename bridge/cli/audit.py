"""`roosterbridge audit`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from bridge.cli.invocation import Invocation
from bridge.cli.table import Table

if TYPE_CHECKING:
    from bridge.app import Bridge
    from bridge.store.audit import Deed


def audit(
    invocation: Invocation,
    since: str | None = typer.Option(
        None, metavar="WHEN", help="Only what was done since: a duration before now such as 7d, a date, or a moment."
    ),
) -> None:
    """List who did what to whom, by commands, the API and pages."""
    from bridge.people.audit import deed_value, parse_since

    async def work(bridge: Bridge) -> list[Deed]:
        moment = None if since is None else parse_since(since, bridge.clock())
        return await bridge.store.audit.some(since=moment)

    deeds = invocation.run(work)
    rows = [
        (
            f"{deed.at:%Y-%m-%d %H:%M:%S}Z",
            deed.via,
            "operator" if deed.actor is None else f"#{deed.actor}",
            deed.action,
            deed.user or (None if deed.number is None else f"#{deed.number}"),
            deed.thing,
        )
        for deed in deeds
    ]
    columns = ("when", "by way of", "who", "did", "to", "source or feed")
    invocation.answer([deed_value(deed) for deed in deeds], Table(columns, rows))
