"""`roosterbridge demo`."""

import typer

from bridge.cli.invocation import Invocation
from bridge.cli.progress import progress


def demo(
    invocation: Invocation, port: int = typer.Option(8080, help="The port to listen on; 0 takes any free one.")
) -> None:
    """Serve the feeds of sample people, read from stand-ins of all systems, until interrupted."""
    with progress("Starting the schools") as bar:
        import asyncio

        from bridge.cli.demonstration import demonstrate

        asyncio.run(demonstrate(invocation, port, bar))
