"""Names that an operator gives."""

import typer

_LONGEST = 128


def tidy_name(value: str) -> str:
    """The name without space at its ends. Raises BadParameter for what cannot be a name."""
    tidy = value.strip()
    if not tidy or len(tidy) > _LONGEST or not tidy.isprintable() or "," in tidy:
        raise typer.BadParameter(f"a name is printable, without a comma, and has at most {_LONGEST} characters")
    return tidy
