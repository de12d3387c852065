"""The fields of Check-in that are used. All may be null; unknown ones are ignored."""

import math
import re
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import AliasChoices, BaseModel, BeforeValidator, Field, ValidationError

from bridge.errors import BadResponse
from bridge.upstream.fields import Flag, Line, Text, Tolerant, as_line, as_text

_USER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_MOST_HOURS = 168
_MODEL = TypeVar("_MODEL", bound=BaseModel)


def _user_id(value: object) -> str:
    text = as_line(value)
    if not _USER_ID.fullmatch(text):
        raise ValueError("an id is a number or a word")
    return text


def _moment(value: object) -> datetime:
    """Parse ISO 8601, such as `2022-03-17T11:26:41.000000Z`. Without an offset it is UTC, as Laravel stores it."""
    if not isinstance(value, str):
        raise ValueError("a moment is a text")  # noqa: TRY004 - pydantic takes ValueError
    moment = datetime.fromisoformat(value.strip())
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _hours(value: object) -> float | None:
    """Parse hours: a number, or a text with a point or a comma; `None` for anything else."""
    try:
        hours = float(as_text(value).strip().replace(",", "."))
    except ValueError:
        return None
    return hours if math.isfinite(hours) and 0 <= hours <= _MOST_HOURS else None


def _names(value: object) -> tuple[str, ...]:
    """The names in a list of objects or texts, each once, in order."""
    items = value if isinstance(value, list) else []
    names = (as_line(item.get("name") if isinstance(item, dict) else item) for item in items)
    return tuple(dict.fromkeys(filter(None, names)))


UserId = Annotated[str, BeforeValidator(_user_id)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Hours = Annotated[float | None, BeforeValidator(_hours)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


class Me(Tolerant):
    """GET /api/v1/user: the person of the token."""

    id: UserId
    email: Line = ""


class User(Tolerant):
    """A user of API V3, with what `with` adds. Laravel may write these names with underscores."""

    id: UserId
    daily_due: Flag = Field(default=False, validation_alias=AliasChoices("canDoDaily", "can_do_daily"))
    weekly_due: Flag = Field(default=False, validation_alias=AliasChoices("canDoWeekly", "can_do_weekly"))
    projects: Names = ()
    groups: Names = ()


class CheckIn(Tolerant):
    """A daily or weekly check-in. The documentation does not describe the fields of weekly ones."""

    id: Line = ""
    created_at: Moment
    hours_worked: Hours = None
    mood_score: Line = ""
    mood_description: Line = ""
    comment: Text = ""


class Changed(Tolerant):
    """When a check-in was last changed: what is left of one that cannot be read."""

    updated_at: Moment


def validated(model: type[_MODEL], answer: Any, origin: str) -> _MODEL:
    """Validate `answer`, which may be in `data`, as a `model`.

    Raises:
        BadResponse: it is not valid.
    """
    try:
        return model.model_validate(unwrapped(answer))
    except ValidationError as error:
        raise BadResponse(f"{origin} sent a user that cannot be read.") from error


def unwrapped(answer: Any) -> Any:
    """`answer` without the `data` around it that Laravel's resources have."""
    return answer["data"] if isinstance(answer, dict) and "data" in answer and "id" not in answer else answer
