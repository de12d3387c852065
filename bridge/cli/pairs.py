"""KEY=VALUE on the command line."""

from collections.abc import Sequence

import typer


def parse_pairs(given: Sequence[str]) -> dict[str, str]:
    """Parse KEY=VALUE texts. The last value of a repeated key is used. Raises BadParameter."""
    pairs = {}
    for item in given:
        key, separator, value = item.partition("=")
        if not separator or not key.strip():
            raise typer.BadParameter(f"{item!r} is not KEY=VALUE", param_hint="--option")
        pairs[key.strip()] = value.strip()
    return pairs


def parse_list(given: str | None) -> list[str] | None:
    """Split comma-separated words; `None` stays `None`."""
    return None if given is None else [word.strip() for word in given.split(",") if word.strip()]
