"""`roosterbridge refresh`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from bridge.cli.invocation import Invocation, check_source
from bridge.cli.table import Table

if TYPE_CHECKING:
    from bridge.app import Bridge
    from bridge.sync.outcome import Row


def _value(row: Row) -> dict[str, object]:
    return {
        "user": row.user,
        "source": row.source,
        "part": row.part,
        "ok": row.ok,
        "events": row.events,
        "added": row.added,
        "changed": row.changed,
        "removed": row.removed,
        "error": row.error,
    }


def refresh(
    invocation: Invocation,
    user: str | None = typer.Option(None, help="Only the accounts of this user."),
    source: str | None = typer.Option(None, help="Only the accounts at this source."),
    accept: bool = typer.Option(False, "--accept", help="Accept answers that would be held back."),
) -> None:
    """Refresh now, ignoring the schedule."""
    from rich.console import Console
    from rich.progress import Progress

    from bridge.app import spare_imports

    async def work(bridge: Bridge) -> list[Row]:
        if user is not None:
            await bridge.store.users.get(user)
        if source is not None:
            check_source(bridge, source)
        accounts = [
            account
            for account in await bridge.store.accounts.all(user=user, source=source)
            if account.source in bridge.settings.sources
        ]
        await bridge.sweeper.sweep()
        spare_imports(bridge)
        with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
            task = progress.add_task("Refreshing", total=len(accounts))
            rows = await bridge.refresher.refresh_all(accounts, accept=accept, ended=lambda: progress.advance(task))
        await bridge.publisher.publish_wanted()  # also what the service has just changed
        return rows

    rows = invocation.run(work)
    cells = [
        (
            row.user or "(all)",
            row.source,
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
    invocation.answer([_value(row) for row in rows], text)
    failed = [row for row in rows if not row.ok and not row.forbidden]
    if failed:
        parts = "1 part" if len(failed) == 1 else f"{len(failed)} parts"
        print(f"Failed: {parts} of {len(rows)}; their events stay. {failed[0].error}", file=sys.stderr)
        raise typer.Exit(1)
