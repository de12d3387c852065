"""What the objects of the timetable and the homework lists have in common, by far the biggest answers of SOMtoday.

Only the fields that are used are decoded, under their own words; the properties are what they mean. All but the moments
may be missing, and a text may be a number.
"""

from functools import lru_cache
from typing import Any

from msgspec import Struct

from bridge.sources.somtoday.models import own_key
from bridge.upstream.markup import heading, plain

Text = str | int | float | None
_SHORT = 100


class Tolerant(Struct, frozen=True, gc=False, rename="camel"):
    """An object of SOMtoday."""


class Link(Tolerant, frozen=True):
    """A link of an object, with its id."""

    rel: Any = None
    id: Any = None


class Linked(Tolerant, frozen=True):
    """An object with an id, which is a number or text and larger than 32 bits. It is empty if there is none."""

    links: list[Link] | None = None

    @property
    def key(self) -> str:
        """The id."""
        return own_key((link.rel, link.id) for link in self.links or ())


class Pupils(Tolerant, frozen=True):
    """A LinkableWrapper of pupils, of whom only the ids are read."""

    items: list[Linked] | None = None


class Named(Tolerant, frozen=True):
    """What has a name, such as RLesgroep."""

    naam: Text = None

    @property
    def name(self) -> str:
        """The name; empty if there is none."""
        return line_of(self.naam)


class Subject(Named, frozen=True):
    """RVak."""

    afkorting: Text = None

    @property
    def code(self) -> str:
        """The abbreviation; empty if there is none."""
        return line_of(self.afkorting)


def text_of(value: Text) -> str:
    """A text as written; empty if there is none."""
    return value if isinstance(value, str) else "" if value is None else str(value)


def line_of(value: Text) -> str:
    """A text of one line, which may be written in HTML."""
    return heading(value) if isinstance(value, str) and len(value) > _SHORT else _short_line(value)


@lru_cache(maxsize=2048, typed=True)  # subjects, groups, teachers and rooms are the same all year; 1 and 1.0 are not
def _short_line(value: Text) -> str:
    return heading(text) if (text := text_of(value)) else ""


def prose_of(value: Text) -> str:
    """A text that may be written in HTML, with the addresses of its links."""
    return plain(text) if (text := text_of(value)) else ""
