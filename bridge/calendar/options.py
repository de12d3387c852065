"""The options of a feed."""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any, cast

from bridge.calendar.alarms import Reminder, parse_reminders
from bridge.calendar.template import Template
from bridge.calendar.words import LANGUAGES
from bridge.errors import BridgeError
from bridge.settings.values import parse_duration

_MOST_MINUTES = 240
_NO_WHOLE_DAY = timedelta(seconds=1)
Patterns = tuple[re.Pattern[str], ...]


class OptionError(BridgeError):
    """A feed option or its value is not valid."""


def _choice(description: str, *values: str) -> Any:
    return field(default=values[0], metadata={"values": values, "form": "", "description": description})


def _switch(description: str, *values: str) -> dict[str, Any]:
    """Metadata of an option with two values: the first is the default, `on` and `mark` are true."""
    return {"values": values, "form": "", "description": description, "read": {"on", "mark"}.__contains__}


def _text(description: str, form: str, read: Callable[[str], Any]) -> dict[str, Any]:
    return {"values": (), "form": form, "description": description, "read": read}


def _read_patterns(text: str) -> Patterns:
    return tuple(_pattern(part.strip()) for part in text.split(",") if part.strip())


def _pattern(text: str) -> re.Pattern[str]:
    escaped = re.escape(text).replace(r"\*", ".*").replace(r"\?", ".")
    whole = rf"\A{escaped}\Z" if set(text) & set("*?") else escaped
    return re.compile(whole, re.IGNORECASE | re.DOTALL)


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


@dataclass(frozen=True, slots=True)
class FeedOptions:
    """The options of a feed, parsed.

    `title`, `merge_double`, `past` and `future` are `None` if they are off; the last two are days.
    """

    cancelled: str = _choice("how a cancelled event is shown", "mark", "status", "hide")
    privacy: str = _choice("everything, or only when the person is busy", "full", "busy")
    absence_details: str = _choice("whether an absence shows its reason", "hidden", "reason")
    checkin_details: str = _choice("whether a check-in shows mood and comment too", "hidden", "full")
    alarms: tuple[Reminder, ...] = field(
        default=(),
        metadata=_text("reminders, by kind and time ahead", "`none`, or such as `lesson:10m,exam:1d`", parse_reminders),
    )
    merge_double: timedelta | None = field(
        default=None,
        metadata=_text(
            "the longest break, in minutes, between equal lessons that become one",
            "`off`, or minutes such as `5`",
            _read_gap,
        ),
    )
    include: Patterns = field(
        default=(), metadata=_text("only events whose title matches one of these patterns", "patterns", _read_patterns)
    )
    exclude: Patterns = field(
        default=(), metadata=_text("no events whose title matches one of these patterns", "patterns", _read_patterns)
    )
    title: Template | None = field(
        default=None,
        metadata=_text("the title of lessons and exams", "such as `{subject} {location}`", _read_template),
    )
    language: str = _choice("the language of titles, categories and dates", *LANGUAGES)
    past: int | None = field(
        default=None, metadata=_text("how far back the feed goes", "`all`, or such as `30d`", _read_reach)
    )
    future: int | None = field(
        default=None, metadata=_text("how far ahead the feed goes", "`all`, or such as `60d`", _read_reach)
    )
    holiday_clears: bool = field(
        default=False, metadata=_switch("mark lessons that are within a holiday of the same feed", "off", "mark")
    )
    categories: bool = field(
        default=True, metadata=_switch("whether each event names its kind as a category", "on", "off")
    )
    compress: bool = field(default=True, metadata=_switch("gzip for clients that accept it", "on", "off"))

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
        known = {f.name: f for f in fields(cls)}
        values = {}
        for name, value in given.items():
            if name not in known:
                nearest = difflib.get_close_matches(name, known, n=1, cutoff=0)[0]
                raise OptionError(f'No feed option is called "{name}"; the nearest known one is "{nearest}".')
            metadata = known[name].metadata
            if metadata["values"] and value not in metadata["values"]:
                raise OptionError(f"The feed option {name} takes {', '.join(metadata['values'])}; not {value}.")
            try:
                values[name] = metadata.get("read", str)(value)
            except ValueError as error:
                raise OptionError(f"The feed option {name} {error}") from None
        return cls(**values)

    def selects(self, title: str) -> bool:
        """Whether `include` and `exclude` let an event with this title into the feed."""
        if self.include and not any(pattern.search(title) for pattern in self.include):
            return False
        return not any(pattern.search(title) for pattern in self.exclude)


def option_values() -> dict[str, tuple[str, tuple[str, ...], str]]:
    """Each option's attribute, values (the default first; empty if any text is allowed) and description, by name."""
    return {f.name: (f.name, f.metadata["values"], f.metadata["description"]) for f in fields(FeedOptions)}


def option_forms() -> dict[str, str]:
    """How to write the value of each option that allows any text, by name."""
    return {f.name: f.metadata["form"] for f in fields(FeedOptions) if f.metadata["form"]}
