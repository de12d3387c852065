"""Send what waits in the outbox: in order, each under the lock of its account, noted before it is sent.

What may have been sent and has no answer is sent again only if that does no more than sending it once.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta

import structlog

from bridge.errors import (
    AuthFailed,
    BadResponse,
    BridgeError,
    Forbidden,
    RateLimited,
    Refused,
    SourceError,
    Unreached,
)
from bridge.model.clock import Clock
from bridge.store.account import State, StoredAccount
from bridge.store.jobs import Job
from bridge.store.locks import Lease
from bridge.store.outbox import Answered, Outgoing, WriteState
from bridge.store.storage import Store
from bridge.sync.job import check_type, locked_job
from bridge.upstream.configured import ConfiguredSource
from bridge.upstream.writing import LooksUp, Writes

FORBIDDEN = "403"
"""The code of a refusal for want of rights."""
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=5)
_WRONG_FOR_LONG = timedelta(days=1)
"""A write with a wrong answer for so long gets no other, and what waits behind it is sent."""
_NOT_TAKEN = (Unreached, RateLimited, AuthFailed)
"""Errors after which the upstream has certainly not taken a write."""
log = structlog.get_logger()


class Sender:
    """Sends the writes of accounts. `saved` is called when events have changed."""

    def __init__(
        self,
        store: Store,
        sources: Mapping[str, ConfiguredSource],
        clock: Clock,
        *,
        saved: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._sources = sources
        self._clock = clock
        self._saved = saved

    async def due(self, but: Collection[int]) -> list[StoredAccount]:
        """The accounts with a write to send now, except those in `but`."""
        return await self._store.outbox.due(self._clock(), list(self._sources), but=but)

    async def send(self, account: StoredAccount) -> None:
        """Send what an account has to send now, one after the other, until one has to wait.

        Raises:
            LockBusy: another process has worked on the account for too long.
        """
        async with locked_job(self._store, account) as held:
            if held is None:
                return
            job, lease = held
            at = self._sources[job.account.source]
            while (first := await self._store.outbox.first(account.id)) is not None and first[1] <= self._clock():
                if not await self._send(job, at, first[0], lease):
                    return

    async def _send(self, job: Job, at: ConfiguredSource, outgoing: Outgoing, lease: Lease) -> bool:
        """Send a write and keep what came of it. False if nothing more is sent now."""
        again = outgoing.state is WriteState.SENT
        if again and not outgoing.write.repeatable:
            return await self._look_up(job, at, outgoing, lease)
        if not await self._store.outbox.begin(outgoing, lease, self._clock()):
            return False
        try:
            result = await self._write(job, at, outgoing, again=again)
        except (Refused, Forbidden) as error:
            code = error.code if isinstance(error, Refused) else FORBIDDEN
            answered = Answered(WriteState.REFUSED, code=code, error=error.sentence)
        except SourceError as error:
            return await self._no_answer(job, at, outgoing, error, lease, again=again)
        else:
            answered = Answered(WriteState.DONE, result=result)
        return await self._settle(job, outgoing, answered, lease)

    async def _write(self, job: Job, at: ConfiguredSource, outgoing: Outgoing, *, again: bool) -> Mapping[str, str]:
        check_type(job.account, at)
        if job.account.state is State.LOGIN_NEEDED:
            raise AuthFailed(job.account.last_error or f"{at.title} needs a new login.")
        if not isinstance(at.source, Writes):
            raise Forbidden(f"Nothing can be written at {at.title}.")
        try:
            return await at.source.write(job.account.at_source, job.slot, outgoing.write, again=again)
        except BridgeError:
            raise
        except Exception as error:  # a bug in a source must not affect the others
            log.exception("write.bug", account=job.account.id, source=at.name)
            raise BadResponse(f"The answer of {at.title} could not be processed; the log has the error.") from error

    async def _no_answer(
        self, job: Job, at: ConfiguredSource, outgoing: Outgoing, error: SourceError, lease: Lease, *, again: bool
    ) -> bool:
        """Send it later, or find out what became of it.

        For a day, a wrong answer to what can be repeated is as good as none.
        """
        log.info("write.no_answer", account=job.account.id, deed=outgoing.write.deed, error=type(error).__name__)
        if isinstance(error, _NOT_TAKEN) and not again:
            return await self._wait(outgoing, WriteState.WAITING, error, lease)
        wrong_for_long = isinstance(error, BadResponse) and self._clock() - outgoing.created > _WRONG_FOR_LONG
        if outgoing.write.repeatable and not wrong_for_long:
            return await self._wait(outgoing, WriteState.SENT, error, lease)
        return await self._look_up(job, at, outgoing, lease)

    async def _look_up(self, job: Job, at: ConfiguredSource, outgoing: Outgoing, lease: Lease) -> bool:
        """Settle what must not be sent twice: it is there, or nobody knows."""
        answered = Answered(WriteState.UNKNOWN, error=f"It is not known whether {at.title} took it: no answer came.")
        if isinstance(at.source, LooksUp):
            try:
                if await at.source.has(job.account.at_source, job.slot, outgoing.write):
                    answered = Answered(WriteState.DONE)
            except SourceError as error:
                return await self._wait(outgoing, WriteState.SENT, error, lease)
        return await self._settle(job, outgoing, answered, lease)

    async def _wait(self, outgoing: Outgoing, state: WriteState, error: SourceError, lease: Lease) -> bool:
        """Keep it for later. Returns False."""
        wait = min(_FIRST_WAIT * 2 ** min(outgoing.tries, 10), _LONGEST_WAIT)
        if error.retry_after is not None:
            wait = max(wait, error.retry_after)
        now = self._clock()
        await self._store.outbox.wait(outgoing, lease, state=state, error=error.sentence, until=now + wait, now=now)
        return False

    async def _settle(self, job: Job, outgoing: Outgoing, answered: Answered, lease: Lease) -> bool:
        await self._store.outbox.settle(job.account, outgoing, answered, lease, self._clock())
        log.info("write.answered", account=job.account.id, deed=outgoing.write.deed, state=answered.state)
        self._saved()
        return True
