"""Names that an operator gives."""

from collections.abc import Callable

import typer

from bridge.people.names import tidy_title, tidy_user_name

_LONGEST = 128


def user_name(value: str) -> str:
    """The name of a user. Raises BadParameter if it is not valid."""
    return _checked(tidy_user_name, value)


def title(value: str) -> str:
    """A title. Raises BadParameter if it is too long."""
    return _checked(tidy_title, value)


def _checked(tidy: Callable[[str], str], value: str) -> str:
    try:
        return tidy(value)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def tidy_name(value: str) -> str:
    """A name without white space at its ends. Raises BadParameter if it is not a valid name."""
    tidy = value.strip()
    if not tidy or len(tidy) > _LONGEST or not tidy.isprintable() or "," in tidy:
        raise typer.BadParameter(f"a name is printable, without a comma, and has at most {_LONGEST} characters")
    return tidy
