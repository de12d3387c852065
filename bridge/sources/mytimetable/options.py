"""What an account may choose at MyTimetable."""

import re
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from bridge.settings.values import Listed
from bridge.upstream.account_options import AccountOptions

TIMETABLES, TYPE, FILTER = "timetables", "type", "filter"
_HOST_KEY = re.compile(r"([A-Za-z]\w*):(\S.*)")


@dataclass(frozen=True, slots=True)
class HostKey:
    """A timetable by its type and its key in the university's own timetabling, which stays over the years."""

    type: str
    key: str

    @classmethod
    def of(cls, text: str) -> Self | None:
        """The host key in a text such as `module:5062LINA6Y`; `None` if it is something else."""
        found = None if "!" in text else _HOST_KEY.fullmatch(text)
        return None if found is None else cls(found[1], found[2])


class MyTimetableOptions(AccountOptions):
    """The options of an account; without single timetables it has the person's own."""

    timetables: Listed = Field(
        default_factory=list,
        title="Single timetables: keys, or words to find them by, with commas between them",
        description="single timetables, comma-separated: keys, host keys with their type (`module:5062LINA6Y`), or "
        "words to look them up by; they need no person",
    )
    type: Annotated[str, StringConstraints(strip_whitespace=True)] = Field(
        "",
        title="Only timetables of this type, such as module",
        description="look words up only among timetables of this type, such as `module`",
    )
    filter: str = Field(
        "",
        title="Only with this filter, such as department=Law",
        description="look words up only with this filter, such as `department=Law`",
    )

    @property
    def wanted(self) -> tuple[str, ...]:
        """The keys and words of the single timetables, each once, in order."""
        return tuple(dict.fromkeys(self.timetables))
