"""Say how a day was."""

from typing_extensions import TypedDict

from bridge.store.outbox import Outgoing
from bridge.sync.desk import Asker, CannotWrite, Desk
from bridge.upstream.writing import ChecksIn, DailyCheckIn


class CheckInValue(TypedDict):
    """A daily check-in as an object, without how it was. `hours` is null where it was withdrawn."""

    day: str
    hours: float | None
    state: str


async def check_in(desk: Desk, user: str, source: str, daily: DailyCheckIn) -> Outgoing:
    """Send the check-in of today, also in the place of an earlier one. Returns what has come of it so far.

    Raises:
        UnknownName, CannotWrite: the account is not there, or cannot do this.
        Refused: it would be refused. Nothing is kept.
    """
    asker = await desk.asker(user, source)
    return await desk.take_one(asker, _checking_in(asker).plan_check_in(asker.account, daily))


async def withdraw_check_in(desk: Desk, user: str, source: str) -> Outgoing:
    """Withdraw the check-in of today. Returns what has come of it so far. Raises what `check_in` raises."""
    asker = await desk.asker(user, source)
    return await desk.take_one(asker, _checking_in(asker).plan_check_in_withdrawal(asker.account))


def check_in_value(outgoing: Outgoing) -> CheckInValue:
    """A check-in as an object."""
    about = outgoing.write.about
    hours = float(about["hours"]) if "hours" in about else None
    return {"day": about["day"], "hours": hours, "state": outgoing.state}


def _checking_in(asker: Asker) -> ChecksIn:
    if not isinstance(asker.at.source, ChecksIn):
        raise CannotWrite(f"At {asker.at.title} nobody checks in.")
    return asker.at.source
