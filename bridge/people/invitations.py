"""Invitations to hand over: the addresses of people's pages, good for a while."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bridge.errors import ConfigError
from bridge.model.clock import Clock
from bridge.people.values import Moment
from bridge.store.private_files import make_file
from bridge.store.storage import Store

GOOD_FOR = timedelta(days=14)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Invitation:
    """The address of the page of somebody who has not opened it yet. It ends at `until`, unless it is opened before."""

    user: str
    title: str
    url: str = field(repr=False)
    until: Moment


async def invite(store: Store, users: Sequence[str], clock: Clock, address: Callable[[str], str]) -> list[Invitation]:
    """Invite those of these users who have not opened their page yet, for 14 days from now.

    `address` makes the address of a page from its token.
    """
    now = clock()
    until = now + GOOD_FOR
    return [
        Invitation(one.user.name, one.user.title, address(one.token), until.isoformat(timespec="seconds"))
        for one in await store.links.invite(users, now, until)
    ]


def sheet_of(invitations: Iterable[Invitation]) -> bytes:
    """Invitations as the content of a CSV file."""
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(("user", "name", "address", "good until"))
    for one in invitations:
        sheet.writerow((_cell(one.user), _cell(one.title), one.url, one.until))
    return text.getvalue().encode("utf-8-sig")  # spreadsheets take UTF-8 for another without it


def check_new(path: Path) -> None:
    """Check that there is no such file yet, before anything is done for it. Raises ConfigError."""
    if path.exists():
        raise ConfigError(f"{path} exists already; name a new file.")


def write_sheet(path: Path, invitations: Iterable[Invitation]) -> None:
    """Write invitations into a new CSV file that only its owner can read.

    Raises:
        ConfigError: the file exists, or cannot be written.
    """
    try:
        if not make_file(path, sheet_of(invitations)):
            raise ConfigError(f"{path} exists already; name a new file.")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}.") from error


def _cell(text: str) -> str:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
