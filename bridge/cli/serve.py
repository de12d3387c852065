"""`roosterbridge serve`."""

from bridge.cli.invocation import Invocation


def serve(invocation: Invocation) -> None:
    """Serve the feeds and refresh the accounts, until interrupted."""
    import asyncio

    import structlog

    from bridge.app import open_bridge, serve_until_stopped
    from bridge.logs import configure_logs
    from bridge.store.private_files import open_to_others

    settings = invocation.settings()
    configure_logs(settings.logging.level, settings.logging.format)
    for warning in (*settings.warnings, *open_to_others(invocation.private_files())):
        structlog.get_logger().warning(warning)

    async def work() -> None:
        async with open_bridge(settings) as bridge:
            await serve_until_stopped(bridge)

    asyncio.run(work())
