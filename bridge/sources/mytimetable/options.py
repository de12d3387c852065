"""What an account may choose at MyTimetable."""

from typing import Annotated

from pydantic import Field, StringConstraints

from bridge.settings.values import Listed
from bridge.upstream.account_options import AccountOptions

TIMETABLES, TYPE, FILTER = "timetables", "type", "filter"


class MyTimetableOptions(AccountOptions):
    """The options of an account; without single timetables it has the person's own."""

    timetables: Listed = Field(
        default_factory=list,
        description="single timetables, comma-separated: keys, or words to look them up by; they need no person",
    )
    type: Annotated[str, StringConstraints(strip_whitespace=True)] = Field(
        "", description="look words up only among timetables of this type, such as `module`"
    )
    filter: str = Field("", description="look words up only with this filter, such as `department=Law`")

    @property
    def wanted(self) -> tuple[str, ...]:
        """The keys and words of the single timetables, each once, in order."""
        return tuple(dict.fromkeys(self.timetables))
