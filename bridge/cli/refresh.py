"""`roosterbridge refresh`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import typer

from bridge.cli.deeds import recorded
from bridge.cli.invocation import Invocation
from bridge.cli.progress import progress
from bridge.cli.table import Table
from bridge.cli.terminal import tell

if TYPE_CHECKING:
    from bridge.app import Bridge
    from bridge.sync.outcome import Row


def refresh(
    invocation: Invocation,
    user: str | None = typer.Option(None, help="Only the accounts of this user."),
    source: str | None = typer.Option(None, help="Only the accounts at this source."),
    accept: bool = typer.Option(False, "--accept", help="Accept answers that would be held back."),
) -> None:
    """Refresh now, ignoring the schedule."""

    async def work(bridge: Bridge) -> list[Row]:
        from bridge.cli.serving import spare_imports
        from bridge.people.sources import check_known
        from bridge.sync.on_demand import accounts_to_refresh, refresh_now
        from bridge.upstream.memory import save_memory

        if source is not None:
            check_known(bridge.settings.sources, source)
        accounts = await accounts_to_refresh(bridge.store, bridge.settings.sources, user=user, source=source)
        import_module("bridge.calendar.vtimezone")  # brings icalendar, without which little is published
        spare_imports(bridge)
        save_memory()
        bar.show(0, len(accounts))
        async with recorded(bridge, "refresh", user=user, thing=source):
            rows = await refresh_now(bridge.refresher, bridge.sweeper, accounts, accept=accept, ended=bar.advance)
        await bridge.publisher.publish_wanted()  # also what the service has just changed
        return rows

    with progress("Refreshing") as bar:
        rows = invocation.run(work)
    from bridge.sync.on_demand import row_value

    cells = [
        (
            row.user or "(all)",
            f"{row.source} ({row.name})" if row.name else row.source,
            row.part or "-",
            "ok" if row.ok else "not offered" if row.forbidden else "FAILED",
            row.events,
            row.added,
            row.changed,
            row.removed,
            row.error,
        )
        for row in rows
    ]
    columns = ("user", "source", "part", "", "events", "added", "changed", "removed", "")
    text = Table(columns, cells) if rows else "No account to refresh."
    invocation.answer([row_value(row) for row in rows], text)
    failed = [row for row in rows if not row.ok and not row.forbidden]
    if failed:
        parts = "1 part" if len(failed) == 1 else f"{len(failed)} parts"
        tell(f"Failed: {parts} of {len(rows)}; their events stay. {failed[0].error}")
        raise typer.Exit(1)
