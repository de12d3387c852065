"""Work on an account: its job, and the lock that lets nobody else work on it meanwhile."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from bridge.errors import SourceError
from bridge.store.account import StoredAccount
from bridge.store.jobs import Job, job_rows
from bridge.store.locks import Lease
from bridge.store.storage import Store
from bridge.upstream.configured import ConfiguredSource


@asynccontextmanager
async def locked_job(store: Store, account: StoredAccount) -> AsyncIterator[tuple[Job, Lease] | None]:
    """Lock an account and load it; `None` if it was removed. If it has another login by now, its lock is another one.

    Raises:
        LockBusy: another process has worked on it for too long.
    """
    asked: StoredAccount | None = account
    while asked is not None:
        async with store.locks.hold_and_read(asked.lock, partial(job_rows, account_id=asked.id)) as (lease, rows):
            job = store.jobs.made_of(rows)
            if job is not None and job.account.lock == asked.lock:
                yield job, lease
                return
        asked = None if job is None else job.account
    yield None


def check_type(account: StoredAccount, at: ConfiguredSource) -> None:
    """Let no login go to another system than that for which it was made. Raises SourceError."""
    if not account.fits(at.type.name):
        raise SourceError(
            f"{at.title} had the type {account.type} when this account was added, and has {at.type.name} now; add the "
            "account again, or change the type back."
        )
