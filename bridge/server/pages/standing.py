"""How the accounts of a person stand, for their page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bridge.model.event import Part
from bridge.server.pages.languages import message
from bridge.server.services import Services
from bridge.store.account import State, StoredAccount
from bridge.store.parts import KnownPart
from bridge.upstream.configured import ConfiguredSource
from bridge.upstream.writing import ChecksIn, ChoosesTimetables, ReportsAbsence

PART_NAMES = {
    Part.SCHEDULE: message("Timetable"),
    Part.ABSENCES: message("Absences"),
    Part.HOLIDAYS: message("Holidays"),
    Part.HOMEWORK: message("Homework and tests"),
    Part.INTERRUPTIONS: message("Leave and absences"),
    Part.ASSIGNMENTS: message("Assignments"),
    Part.CHECKINS: message("Check-ins"),
    Part.NOTICES: message("Messages"),
    Part.NAMES: message("Full names"),
}


@dataclass(frozen=True, slots=True)
class PartStanding:
    """A part of an account: its name, how many events it has, and since when an answer is held back."""

    name: str
    events: int
    held_since: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands. `name` is that of one of several there, `person` whose it is then.

    `configured` is whether the settings still have its source. `several` is whether its login may have other people.
    `can` are the names of the pages on which something can be written there.
    """

    source: str
    name: str
    person: str
    title: str
    state: State
    last_ok: datetime | None
    error: str
    configured: bool
    logs_in: bool
    several: bool
    parts: tuple[PartStanding, ...]
    can: frozenset[str] = frozenset()

    @property
    def well(self) -> bool:
        """Whether nothing is to be done."""
        return self.state in {State.OK, State.NEW, State.HELD} and self.configured


async def standings(services: Services, user: str) -> Sequence[Standing]:
    """How each account of a user stands."""
    found = []
    for account in await services.store.accounts.all(user=user):
        job = await services.store.jobs.get(account.id)
        found.append(_standing(services, account, {} if job is None else dict(job.known)))
    return found


def _standing(services: Services, account: StoredAccount, known: dict[Part, KnownPart]) -> Standing:
    at = services.sources.get(account.source)
    parts = [
        PartStanding(name, known[part].events, held.since if (held := known[part].held) else None)
        for part, name in PART_NAMES.items()
        if part in known
    ]
    logs_in = at is not None and services.logs_in(at)
    return Standing(
        source=account.source,
        name=account.name,
        person=(account.first_name or account.name) if account.name else "",
        title=services.title_of(account.source),
        state=account.state,
        last_ok=account.last_ok,
        error=account.last_error or "",
        configured=at is not None,
        logs_in=logs_in,
        several=logs_in and account.several is not False,
        parts=tuple(parts),
        can=frozenset() if at is None or account.person is None else _can(at),
    )


def _can(at: ConfiguredSource) -> frozenset[str]:
    pages = {"ill": ReportsAbsence, "groups": ChoosesTimetables, "checkin": ChecksIn}
    return frozenset(name for name, capability in pages.items() if isinstance(at.source, capability))
