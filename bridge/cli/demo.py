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
        import sys

        from bridge.cli.demonstration import demonstrate
        from bridge.cli.interruption import Interrupted, until_interrupted

        try:
            asyncio.run(until_interrupted(demonstrate(invocation, port, bar)))
        except Interrupted as end:
            sys.exit(end.code)
