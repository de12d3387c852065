"""The option `title`: a text with fields such as `{subject}`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter

from bridge.model.event import Event
from bridge.model.text import clean_line
from bridge.settings.nearest import nearest

FIELDS: Mapping[str, Callable[[Event], str]] = {
    "subject": lambda event: event.subject or event.title,
    "group": lambda event: ", ".join(event.groups),
    "teacher": lambda event: ", ".join(event.teachers),
    "location": lambda event: ", ".join(event.locations),
    "code": lambda event: event.code,
}
_EMPTY_BRACKETS = re.compile(r"\(\s*\)|\[\s*\]")
_SEPARATORS = " ,;:/|·-"


@dataclass(frozen=True, slots=True)
class Template:
    """A title with fields. `pieces` are texts, each with the field after it, `None` at the end."""

    pieces: tuple[tuple[str, str | None], ...]

    @classmethod
    def parse(cls, text: str) -> "Template":
        """Parse a template. Double braces stand for braces.

        Raises:
            ValueError: a field is unknown or a brace is unmatched. The message continues "The feed option title".
        """
        try:
            parsed = list(Formatter().parse(clean_line(text)))
        except ValueError:
            raise ValueError("has a brace that is not closed or not opened; write {{ and }} for braces.") from None
        pieces: list[tuple[str, str | None]] = []
        for literal, name, form, conversion in parsed:
            if form or conversion:
                raise ValueError(f"inserts {{{name}}} unchanged; leave out what follows the name.")
            if name is not None and name not in FIELDS:
                raise ValueError(f"has no field {{{name}}}; {nearest(name, FIELDS, '{{{}}}')}.")
            pieces.append((literal, name))
        return cls(tuple(pieces))

    def fill(self, event: Event) -> str:
        """The title of `event`, without what surrounds empty fields; empty if all fields are."""
        values = [FIELDS[name](event) for _, name in self.pieces if name is not None]
        if values and not any(values):
            return ""
        title = "".join(literal + (FIELDS[name](event) if name else "") for literal, name in self.pieces)
        if not all(values):
            title = _EMPTY_BRACKETS.sub("", title).strip(_SEPARATORS)
        return clean_line(title)
