"""`roosterbridge check`."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from bridge.cli.invocation import Invocation, configured
from bridge.errors import SourceError

if TYPE_CHECKING:
    from bridge.app import Bridge
    from bridge.upstream.configured import ConfiguredSource


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check of a source."""

    source: str
    ok: bool
    message: str


def check(
    invocation: Invocation,
    sources: list[str] = typer.Argument(None, metavar="[SOURCE]...", help="Only these sources; by default all."),
) -> None:
    """Check the settings, the sources and the credentials."""
    import asyncio

    from bridge.store.private_files import open_to_others

    async def work(bridge: Bridge) -> list[Finding]:
        chosen = [configured(bridge, name) for name in sources or bridge.sources]
        return await asyncio.gather(*(_find(bridge, source) for source in chosen))

    found = invocation.run(work)
    for warning in open_to_others(invocation.private_files()):
        print(warning, file=sys.stderr)
    lines = [f"{finding.source}: {'ok' if finding.ok else 'FAILED'}: {finding.message}" for finding in found]
    invocation.answer(
        [{"source": finding.source, "ok": finding.ok, "message": finding.message} for finding in found],
        "\n".join(lines) or "The settings are valid and have no sources yet.",
    )
    if not all(finding.ok for finding in found):
        raise typer.Exit(1)


async def _find(bridge: Bridge, at: ConfiguredSource) -> Finding:
    from bridge.store.accounts import State

    try:
        message = f"settings valid, {await at.source.check()}"
    except SourceError as error:
        return Finding(at.name, ok=False, message=f"settings valid. {error.sentence}")
    if not at.type.accounts:
        return Finding(at.name, ok=True, message=message)
    counts = Counter(account.state for account in await bridge.store.accounts.all(source=at.name))
    accounts = ", ".join(f"{number} {state}" for state, number in sorted(counts.items())) or "none yet"
    return Finding(at.name, ok=not counts[State.LOGIN_NEEDED], message=f"{message}, accounts: {accounts}")
