"""`roosterbridge check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from bridge.cli.invocation import Invocation, configured
from bridge.cli.terminal import tell

if TYPE_CHECKING:
    from bridge.app import Bridge
    from bridge.people.sources import Finding


def check(
    invocation: Invocation,
    sources: list[str] = typer.Argument(None, metavar="[SOURCE]...", help="Only these sources; by default all."),
) -> None:
    """Check the settings, the sources and the credentials."""
    import asyncio

    from bridge.people.orphans import orphans
    from bridge.people.sources import Finding, check_source
    from bridge.store.private_files import open_to_others

    async def work(bridge: Bridge) -> tuple[list[Finding], list[str]]:
        chosen = [configured(bridge, name) for name in sources or bridge.sources]
        found = list(await asyncio.gather(*(check_source(bridge.store, source) for source in chosen)))
        faults = {} if sources else bridge.known.faults
        found += [Finding(name, ok=False, message=sentence) for name, sentence in faults.items()]
        warnings = [
            f"The source {name} of the storage is not used: the settings file has one too."
            for name in bridge.known.overruled
        ]
        names = {at.name for at in chosen}
        slow = [load.sentence for load in await bridge.loads() if load.source in names and not load.kept]
        warnings += [sentence for sentence in slow if sentence]
        return found, [*warnings, *await orphans(bridge.store, bridge.settings.sources)]

    found, warnings = invocation.run(work)
    for warning in (*warnings, *open_to_others(invocation.private_files())):
        tell(warning)
    lines = [f"{finding.source}: {'ok' if finding.ok else 'FAILED'}: {finding.message}" for finding in found]
    invocation.answer(
        found,
        "\n".join(lines) or "The settings are valid and have no sources yet.",
    )
    failed = [finding.source for finding in found if not finding.ok]
    if failed:
        what = "1 source" if len(failed) == 1 else f"{len(failed)} sources"
        tell(f"Failed: {what} of {len(found)}: {', '.join(failed)}.")
        raise typer.Exit(1)
