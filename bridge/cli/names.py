"""Names that an operator gives."""

import typer

_LONGEST = 128


def tidy_name(value: str) -> str:
    """A name without white space at its ends. Raises BadParameter if it is not a valid name."""
    tidy = value.strip()
    if not tidy or len(tidy) > _LONGEST or not tidy.isprintable() or "," in tidy:
        raise typer.BadParameter(f"a name is printable, without a comma, and has at most {_LONGEST} characters")
    return tidy
