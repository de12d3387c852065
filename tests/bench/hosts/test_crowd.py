"""The crowd of accounts that are alike."""

from bridge.store.account import State
from tests.bench.hosts.crowd import multiply
from tests.club.server import new_club
from tests.conftest import OpenSchool, SettableClock


async def test_copies_of_an_account_are_due_like_it_and_have_its_login_and_parts(
    open_school: OpenSchool, clock: SettableClock
) -> None:
    async with open_school({"club": new_club(clock).stand_in}) as school:
        store = school.bridge.store
        await school.add("anna", "club")
        await school.feed("anna")
        await school.bridge.refresher.refresh_all(await store.accounts.all())
        (first,) = await store.accounts.all()
        await store.database.upgrade(lambda connection: multiply(connection, 5))
        found = await store.accounts.all()
        jobs = [await store.jobs.get(one.id) for one in found]
    assert [(one.next_due, one.state) for one in found] == [(first.next_due, State.OK)] * 5
    assert len({one.credential_id for one in found}) == len({one.user for one in found}) == 5
    assert len({str(job.known) for job in jobs if job}) == 1
