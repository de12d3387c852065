"""The values in Informat's fields: padded, in upper or lower case, null, or "0" for nothing."""

import math
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from bridge.model.text import clean_line

_MOST_HOURS = 1000


def normal_key(value: object) -> str:
    """A GUID in lower case without padding and braces; empty for anything else."""
    return clean_line(value.strip().strip("{}").lower()) if isinstance(value, str) else ""


def _guid(value: object) -> str:
    if not (key := normal_key(value)):
        raise ValueError("an item has a key")
    return key


def _day(value: object) -> date:
    """Parse a date. The time after it is always midnight, without a zone."""
    if not isinstance(value, str):
        raise ValueError("a date is text")  # noqa: TRY004 - pydantic takes ValueError
    return date.fromisoformat(value.strip()[:10])


def _text(value: object) -> str:
    return clean_line(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _filled(value: object) -> str:
    text = _text(value)
    return "" if text == "0" else text


def _hours(value: object) -> float | None:
    try:
        hours = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        return None
    return hours if 0 <= hours <= _MOST_HOURS else None


def _flag(value: object) -> bool | None:
    return {"true": True, "false": False}.get(str(value).strip().lower())


def _list(value: object) -> list[Any]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [text for item in value if (text := _filled(item))] if isinstance(value, list) else []


Guid = Annotated[str, BeforeValidator(_guid)]
"""A key that an item cannot do without."""
MaybeGuid = Annotated[str, BeforeValidator(normal_key)]
Day = Annotated[date, BeforeValidator(_day)]
"""A date that an item cannot do without."""
Text = Annotated[str, BeforeValidator(_text)]
"""A text or code on one line; "0" may mean something."""
Filled = Annotated[str, BeforeValidator(_filled)]
"""A text on one line, "0" being none."""
Hours = Annotated[float | None, BeforeValidator(_hours)]
Flag = Annotated[bool | None, BeforeValidator(_flag)]
Items = BeforeValidator(_list)
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]


class Record(BaseModel):
    """An object of Informat. Names may be in upper or lower case: documentation and answers differ."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, alias_generator=lambda name: name.replace("_", ""), validate_by_name=False
    )

    @model_validator(mode="before")
    @classmethod
    def _in_small_letters(cls, value: Any) -> Any:
        return {str(name).lower(): held for name, held in value.items()} if isinstance(value, dict) else value


class Span(Record):
    """Days from `begindatum` up to and including `einddatum`."""

    begindatum: Day
    einddatum: Day

    @model_validator(mode="after")
    def _in_order(self) -> "Span":
        if self.einddatum < self.begindatum or self.einddatum == date.max:
            raise ValueError("days end, and not before they begin")
        return self
