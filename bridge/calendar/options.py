"""The options of a feed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal, cast, get_args

from pydantic import ConfigDict, Field, PlainValidator, ValidationError
from pydantic.dataclasses import dataclass as pydantic_dataclass
from pydantic.fields import FieldInfo

from bridge.calendar.alarms import Reminder, parse_reminders
from bridge.calendar.pattern import Pattern
from bridge.calendar.template import Template
from bridge.calendar.words import Language
from bridge.errors import BridgeError
from bridge.settings.nearest import nearest
from bridge.settings.values import parse_duration

_MOST_MINUTES = 240
_NO_WHOLE_DAY = timedelta(seconds=1)
Patterns = tuple[Pattern, ...]


class OptionError(BridgeError):
    """A feed option or its value is not valid."""


@dataclass(frozen=True, slots=True)
class Form:
    """How to write the value of an option that allows any text; for the docs."""

    text: str


def _read_patterns(text: str) -> Patterns:
    return tuple(Pattern.parse(part.strip()) for part in text.split(",") if part.strip())


def _read_template(text: str) -> Template | None:
    return Template.parse(text) if text.strip() else None


def _read_gap(text: str) -> timedelta | None:
    if text == "off":
        return None
    if not re.fullmatch(r"\d{1,3}", text, re.ASCII) or int(text) > _MOST_MINUTES:
        raise ValueError(f"takes off or minutes up to {_MOST_MINUTES}, such as 5; not {text or 'nothing'}.")
    return timedelta(minutes=int(text))


def _read_reach(text: str) -> int | None:
    if text == "all":
        return None
    try:
        reach = cast("timedelta", parse_duration(text))
    except ValueError:
        reach = _NO_WHOLE_DAY
    if reach % timedelta(days=1):
        raise ValueError(f"takes all or whole days, such as 30d; not {text or 'nothing'}.")
    return reach.days


_Reminders = Annotated[
    tuple[Reminder, ...], PlainValidator(parse_reminders), Form("`none`, or such as `lesson:10m,exam:1d`")
]
_Gap = Annotated[timedelta | None, PlainValidator(_read_gap), Form("`off`, or minutes such as `5`")]
_Patterns = Annotated[Patterns, PlainValidator(_read_patterns), Form("patterns")]
_Title = Annotated[Template | None, PlainValidator(_read_template), Form("such as `{subject} {location}`")]
_DaysBack = Annotated[int | None, PlainValidator(_read_reach), Form("`all`, or such as `30d`")]
_DaysAhead = Annotated[int | None, PlainValidator(_read_reach), Form("`all`, or such as `60d`")]


# not a BaseModel: each event reads some ten options, and a model's attribute takes 60 ns where a slot takes 20
@pydantic_dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class FeedOptions:
    """The options of a feed, parsed.

    `title`, `merge_double`, `past` and `future` are `None` if they are off; the last two are days.
    """

    cancelled: Literal["mark", "status", "hide"] = Field(default="mark", description="how a cancelled event is shown")
    privacy: Literal["full", "busy"] = Field(default="full", description="everything, or only when the person is busy")
    absence_details: Literal["hidden", "reason"] = Field(
        default="hidden", description="whether an absence shows its reason"
    )
    checkin_details: Literal["hidden", "full"] = Field(
        default="hidden", description="whether a check-in shows mood and comment too"
    )
    alarms: _Reminders = Field(default=(), description="reminders, by kind and time ahead")
    merge_double: _Gap = Field(
        default=None, description="the longest break, in minutes, between equal lessons that become one"
    )
    include: _Patterns = Field(default=(), description="only events whose title matches one of these patterns")
    exclude: _Patterns = Field(default=(), description="no events whose title matches one of these patterns")
    title: _Title = Field(default=None, description="the title of lessons and exams")
    language: Language = Field(default="nl", description="the language of titles, categories and dates")
    past: _DaysBack = Field(default=None, description="how far back the feed goes")
    future: _DaysAhead = Field(default=None, description="how far ahead the feed goes")
    holiday_clears: Literal["off", "mark"] = Field(
        default="off", description="mark lessons that are within a holiday of the same feed"
    )
    categories: Literal["on", "off"] = Field(
        default="on", description="whether each event names its kind as a category"
    )
    homework: Literal["lesson", "own", "both"] = Field(
        default="lesson", description="where homework for a lesson shows: in it, as an event of its own, or both"
    )
    homework_done: Literal["hide", "show"] = Field(
        default="hide", description="whether homework that is done still shows as an event of its own"
    )
    alerts: Literal["on", "off"] = Field(
        default="on", description="an event on today while an account has stood still for over a day"
    )
    compress: Literal["on", "off"] = Field(default="on", description="gzip for clients that accept it")

    @property
    def busy(self) -> bool:
        """Whether the feed shows only when the person is busy."""
        return self.privacy == "busy"

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> "FeedOptions":
        """Parse the options in `given`. The others have their defaults.

        Raises:
            OptionError: an option or a value is unknown. The sentence names the nearest known one, or all of them.
        """
        values: Mapping[str, Any] = given  # each option reads text
        try:
            return cls(**values)
        except ValidationError as error:
            raise OptionError(_sentence(error.errors(include_url=False)[0])) from None

    def selects(self, title: str) -> bool:
        """Whether `include` and `exclude` let an event with this title into the feed."""
        if self.include and not any(pattern.matches(title) for pattern in self.include):
            return False
        return not any(pattern.matches(title) for pattern in self.exclude)


FIELDS: Mapping[str, FieldInfo] = FeedOptions.__pydantic_fields__  # type: ignore[attr-defined] # pydantic adds it
"""What each option is, by name, in the order of the docs."""


def _sentence(error: Mapping[str, Any]) -> str:
    """What pydantic found, for a person."""
    name, why = error["loc"][0], error.get("ctx", {})
    if error["type"] == "unexpected_keyword_argument":
        known = nearest(name, FIELDS, '"{}"')
        return f'No feed option is called "{name}"; {known}.'
    if error["type"] == "literal_error":
        values = get_args(FIELDS[name].annotation)
        return f"The feed option {name} takes {', '.join(values)}; not {error['input']}."
    return f"The feed option {name} {why['error']}"
