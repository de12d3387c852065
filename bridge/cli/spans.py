"""Durations on the command line."""

from __future__ import annotations

from datetime import timedelta

import typer


def span(text: str | None) -> timedelta | None:
    """A duration such as "30d"; `None` if none was given. Raises BadParameter."""
    from bridge.settings.values import parse_duration

    if text is None:
        return None
    try:
        found = parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    return found if isinstance(found, timedelta) else None
