"""Which accounts of a user a feed shows, and what tells their people apart. Pure.

A choice has names of sources, for all accounts there, and places `SOURCE/NAME` of single accounts; `SOURCE/` is the
account without a name.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

BETWEEN = "/"
Place = tuple[str, str]
"""The source and the name of an account."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An account: its source, its name, and the first name of its person if the source says so."""

    source: str
    name: str
    first_name: str = ""

    @property
    def label(self) -> str:
        """What tells its person from the user's others; empty if nothing does."""
        return self.first_name or self.name


def place_of(source: str, name: str) -> str:
    """An account as a choice names it."""
    return f"{source}{BETWEEN}{name}"


def thing_of(source: str, name: str) -> str:
    """An account as commands, the API and the audit log name it: by its source alone, if it has no name."""
    return place_of(source, name) if name else source


def source_of(choice: str) -> str:
    """The source of a choice."""
    return choice.partition(BETWEEN)[0]


def account_of(thing: str) -> Place:
    """The source and the name of an account as `thing_of` names it."""
    source, _, name = thing.partition(BETWEEN)
    return source, name


def is_chosen(choices: Collection[str] | None, source: str, name: str) -> bool:
    """Whether a feed with these choices shows an account; `None` is all accounts."""
    return choices is None or source in choices or place_of(source, name) in choices


def labels_in(choices: Collection[str] | None, accounts: Iterable[Placed]) -> Mapping[Place, str]:
    """What titles begin with, by account, in a feed that shows several of a user's people; empty if it shows one."""
    shown = [one for one in accounts if is_chosen(choices, one.source, one.name)]
    if len({one.name for one in shown}) < 2:  # noqa: PLR2004 - several
        return {}
    return {(one.source, one.name): one.label for one in shown if one.label}


def person_in(choices: Collection[str] | None, accounts: Iterable[Placed]) -> str:
    """Who a feed is about that shows only named accounts of one name; else empty: it is about the user."""
    shown = [one for one in accounts if is_chosen(choices, one.source, one.name)]
    names = {one.name for one in shown}
    return next((one.label for one in shown), "") if len(names) == 1 and "" not in names else ""
