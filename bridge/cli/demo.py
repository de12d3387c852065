"""`roosterbridge demo`."""

import typer

from bridge.cli.invocation import Invocation


def demo(
    invocation: Invocation, port: int = typer.Option(8080, help="Port to serve on; 0 takes any free one.")
) -> None:
    """Serve sample users' feeds, read from stand-ins of every system, until interrupted."""
    import asyncio

    from bridge.cli.demonstration import demonstrate
    from bridge.logs import configure_logs

    configure_logs("warning", "console")
    asyncio.run(demonstrate(invocation, port))
