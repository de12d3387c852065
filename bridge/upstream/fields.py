"""Fields as upstreams write them: null, or a number instead of a text."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from bridge.model.text import clean_line, clean_text


class Tolerant(BaseModel):
    """An object of an upstream. Fields that are not used are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def as_text(value: object) -> str:
    """A text or number as text; empty for anything else."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def as_line(value: object) -> str:
    """A text or number as one clean line; empty for anything else."""
    return clean_line(as_text(value))


def _as_lines(value: object) -> str:
    return clean_text(as_text(value))


def _as_flag(value: object) -> bool:
    return value is True or str(value).strip().lower() in {"true", "1"}


Line = Annotated[str, BeforeValidator(as_line)]
Text = Annotated[str, BeforeValidator(_as_lines)]
"""Clean text of several lines."""
Flag = Annotated[bool, BeforeValidator(_as_flag)]
"""True only if the upstream says so."""
