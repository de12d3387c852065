"""Names that an operator gives."""

from collections.abc import Callable

import typer

from bridge.people.names import tidy_feed_name, tidy_title, tidy_user_name


def user_name(value: str) -> str:
    """The name of a user. Raises BadParameter if it is not valid."""
    return _checked(tidy_user_name, value)


def feed_name(value: str) -> str:
    """The name of a feed. Raises BadParameter if it is not valid."""
    return _checked(tidy_feed_name, value)


def title(value: str) -> str:
    """A title. Raises BadParameter if it is too long."""
    return _checked(tidy_title, value)


def _checked(tidy: Callable[[str], str], value: str) -> str:
    try:
        return tidy(value)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
