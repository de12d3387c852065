"""What can be chosen for a feed."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from bridge.calendar.words import WORDS
from bridge.errors import BridgeError


class OptionError(BridgeError):
    """A feed option, or its value, that does not exist."""


def _choice(description: str, *values: str) -> Any:
    return field(default=values[0], metadata={"values": values, "description": description})


def _patterns(description: str) -> Any:
    return field(default="", metadata={"values": (), "description": description})


@dataclass(frozen=True, slots=True)
class FeedOptions:
    """The options of one feed, each with its default."""

    cancelled: str = _choice("how a cancelled event is shown", "mark", "status", "hide")
    absence_details: str = _choice("what an absence tells", "hidden", "reason")
    language: str = _choice("the language of titles and categories", *WORDS)
    include: str = _patterns("only events whose title matches one of these patterns")
    exclude: str = _patterns("no events whose title matches one of these patterns")
    compression: str = field(
        default="on",
        metadata={"name": "compress", "values": ("on", "off"), "description": "gzip where accepted"},
    )

    @property
    def compress(self) -> bool:
        """Whether compressed bytes are kept for programs that accept them."""
        return self.compression == "on"

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> "FeedOptions":
        """The options that `given` names, the others at their defaults.

        Raises:
            OptionError: an unknown option or value; the sentence names the nearest known one, or all.
        """
        known = option_values()
        values = {}
        for name, value in given.items():
            if name not in known:
                nearest = difflib.get_close_matches(name, known, n=1, cutoff=0)[0]
                raise OptionError(f"There is no feed option {name}; the nearest known one is {nearest}.")
            attribute, allowed, _ = known[name]
            if allowed and value not in allowed:
                raise OptionError(f"The feed option {name} takes {', '.join(allowed)}; not {value}.")
            values[attribute] = value
        return cls(**values)

    def selects(self, title: str) -> bool:
        """Whether an event of that title belongs in the feed."""
        if self.include and not _matches(self.include, title):
            return False
        return not (self.exclude and _matches(self.exclude, title))


def option_values() -> dict[str, tuple[str, tuple[str, ...], str]]:
    """Every option by name: its attribute, its values with the default first (none: any text), what it does."""
    return {
        f.metadata.get("name", f.name): (f.name, f.metadata["values"], f.metadata["description"])
        for f in fields(FeedOptions)
    }


def _matches(patterns: str, title: str) -> bool:
    """Comma-separated patterns, case-insensitive; `*` and `?` are wildcards, one without them matches anywhere."""
    return any(_pattern(part.strip()).search(title) for part in patterns.split(",") if part.strip())


def _pattern(text: str) -> re.Pattern[str]:
    escaped = re.escape(text).replace(r"\*", ".*").replace(r"\?", ".")
    whole = rf"\A{escaped}\Z" if set(text) & set("*?") else escaped
    return re.compile(whole, re.IGNORECASE | re.DOTALL)
