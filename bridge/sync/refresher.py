"""One account's refresh, readable from top to bottom, and many of them at once."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bridge.errors import BadResponse, BridgeError, Forbidden, SourceError
from bridge.model.clock import Clock
from bridge.model.event import Part
from bridge.model.names import Names, join_names
from bridge.model.window import Window
from bridge.settings.naming import namers
from bridge.settings.schema import RefreshSettings
from bridge.store.accounts import State, StoredAccount
from bridge.store.jobs import Job, Standing
from bridge.store.locks import LockBusy
from bridge.store.parts import KnownPart
from bridge.store.storage import Store
from bridge.sync.kept import events_of_answer
from bridge.sync.outcome import Row, Step, accepted, confirmed, failed, held_back, named, unchanged
from bridge.sync.reconcile import reconcile, uid_of
from bridge.sync.snapshot import Outcome, take_snapshot
from bridge.upstream.configured import ConfiguredSource
from bridge.upstream.credential import CredentialSlot
from bridge.upstream.http import Cause
from bridge.upstream.source_type import interval_of

_LONGEST_BACKOFF = 8
_SPREAD = 0.1
log = structlog.get_logger()


class Refresher:
    """Refreshes accounts: one at a time each, at most `concurrency` at once."""

    def __init__(
        self,
        store: Store,
        sources: Mapping[str, ConfiguredSource],
        settings: RefreshSettings,
        clock: Clock,
        *,
        spread: Callable[[], float] = random.random,
        saved: Callable[[], None] = lambda: None,
        watch: Callable[[str, Sequence[Row], float], None] = lambda *_: None,
    ) -> None:
        """Create a refresher.

        `saved` is called when events have changed; `watch` after each refresh, with its source, rows and seconds.
        """
        self._store = store
        self._sources = sources
        self._saved = saved
        self._settings = settings
        self._clock = clock
        self._spread = spread
        self._watch = watch
        self._places = asyncio.Semaphore(settings.concurrency)
        self._namers = namers({name: at.settings for name, at in sources.items()})

    async def refresh(self, account: StoredAccount, *, accept: bool = False) -> list[Row]:
        """Ask the upstream and keep what it says. Feeds that show what changed are then wanted; nobody waits for them.

        Args:
            account: whose; it is read again once nobody else works on it.
            accept: believe an answer that would be held back.
        """
        async with self._places:
            started = time.monotonic()
            try:
                async with self._held(account) as job:
                    if job is None:
                        return []
                    rows, changed = await self._refresh(job, self._sources[account.source], accept=accept)
            except LockBusy as error:
                rows, changed = [_refusal(account, error.sentence)], False
            if changed:
                self._saved()
            self._watch(account.source, rows, time.monotonic() - started)
        return rows

    async def refresh_all(
        self,
        accounts: Sequence[StoredAccount],
        *,
        accept: bool = False,
        ended: Callable[[], None] = lambda: None,
    ) -> list[Row]:
        """Refresh these accounts, those that name others' events first; `ended` is told of each. Rows in order."""
        naming = {name for namers in self._namers.values() for name in namers}
        rows: dict[int, list[Row]] = {}

        async def one(account: StoredAccount) -> None:
            rows[account.id] = await self.refresh(account, accept=accept)
            ended()

        await asyncio.gather(*(one(account) for account in accounts if account.source in naming))
        await asyncio.gather(*(one(account) for account in accounts if account.source not in naming))
        return [row for account in accounts for row in rows[account.id]]

    @asynccontextmanager
    async def _held(self, account: StoredAccount) -> AsyncIterator[Job | None]:
        """The account as it is now, under its lock, which is another one where it has been given another login."""
        asked: StoredAccount | None = account
        while asked is not None:
            async with self._store.locks.hold(asked.lock):
                job = await self._store.jobs.get(asked.id)
                if job is not None and job.account.lock == asked.lock:
                    yield job
                    return
            asked = None if job is None else job.account
        yield None

    async def _refresh(self, job: Job, at: ConfiguredSource, *, accept: bool) -> tuple[list[Row], bool]:
        """The rows, and whether any event may have changed."""
        stored = job.account
        if stored.state is State.LOGIN_NEEDED:
            return [_refusal(stored, stored.last_error or f"{at.title} needs a new login.")], False
        window = Window.around(self._clock(), at.settings.zone, past=self._settings.past, future=self._settings.future)
        stored, snapshot = await self._ask(job, at, window)
        steps = [
            await self._settle(stored, at, part, outcome, job.known.get(part, KnownPart()), accept=accept)
            for part, outcome in snapshot.items()
        ]
        standing = self._standing(stored, at, steps)
        changes = [step.change for step in steps if step.change is not None]
        await self._store.jobs.save(stored, changes, standing)
        if standing.state is not stored.state:
            log.info("account.state", account=stored.id, source=at.name, was=stored.state, now=standing.state)
        touched = job.account.person is None or any(change.uids or change.renames_school for change in changes)
        return [step.row for step in steps], touched

    async def _ask(
        self, job: Job, at: ConfiguredSource, window: Window
    ) -> tuple[StoredAccount, Mapping[Part, Outcome]]:
        """The account with its person, and a snapshot in which what goes wrong is the failure of its parts."""
        stored = job.account
        known = {part: kept.digests for part, kept in job.known.items() if not kept.held}
        try:
            stored = await self._identified(stored, at, job.slot)
            account = replace(stored.at_source, read_at={part: kept.came for part, kept in job.known.items()})
            names = await self._names_for(at)
            return stored, await take_snapshot(at.source, at.settings, account, job.slot, window, known, names)
        except SourceError as error:
            failure = error
        except BridgeError as error:
            failure = SourceError(error.sentence)
        except Exception as error:  # a source that is at fault must not take the others with it
            log.exception("refresh.bug", account=stored.id, source=at.name)
            failure = BadResponse(f"The answer of {at.title} could not be worked on; the log tells more.")
            failure.__cause__ = error
        return stored, dict.fromkeys(at.type.parts, failure)

    async def _names_for(self, at: ConfiguredSource) -> Names | None:
        """What the registers that name this source's events call things; none where there is no register."""
        namers = self._namers.get(at.name)
        return join_names(await self._store.names.of_sources(namers)) if namers else None

    async def _identified(self, stored: StoredAccount, at: ConfiguredSource, slot: CredentialSlot) -> StoredAccount:
        """The account with its person, asked for where the upstream could not be asked so far."""
        if stored.person is not None:
            return stored
        account = await at.source.connect(stored.identity or None, stored.at_source, slot)
        others = {
            entry.uid
            for part in at.type.parts
            for entry in await self._store.events.of_part(stored.id, part)
            if entry.uid != uid_of(at.name, _named(account.person, stored), entry.event)
        }
        shown = stored.identity or account.person or account.called
        return await self._store.accounts.identify(stored, account, shown, others)

    async def _settle(
        self,
        stored: StoredAccount,
        at: ConfiguredSource,
        part: Part,
        outcome: Outcome,
        known: KnownPart,
        *,
        accept: bool,
    ) -> Step:
        now = self._clock()
        row = Row(stored.user, at.name, part, ok=True, events=known.events)
        if isinstance(outcome, SourceError):
            _tell(row, outcome)
            return failed(row, outcome)
        if outcome.unchanged and (known.horizon == outcome.window or known.held):
            return unchanged(row, part, outcome, known, now)
        if outcome.names is not None:
            before = await self._store.names.of_account(stored.id)
            return named(row, part, outcome, outcome.names, before, known, now)
        person = _named(stored.person, stored)
        kept = await events_of_answer(self._store.events, stored, part, outcome, person=person, now=now)
        difference = reconcile(
            kept,
            outcome,
            source=at.name,
            person=person,
            now=now,
            zone=at.settings.zone,
        )
        if difference.suspicious and not accept and not confirmed(known.held, difference, self._interval(at), now):
            return held_back(row, part, difference, known, now)
        return accepted(row, part, outcome, difference, known, now)

    def _standing(self, stored: StoredAccount, at: ConfiguredSource, steps: Sequence[Step]) -> Standing:
        now = self._clock()
        states = {step.state for step in steps}
        state = next((s for s in (State.LOGIN_NEEDED, State.FAILING, State.HELD) if s in states), State.OK)
        failures = stored.failures + 1 if state is State.FAILING else 0
        wait = self._interval(at) * min(2 ** max(failures - 1, 0), _LONGEST_BACKOFF)
        asked = [step.error.retry_after for step in steps if step.error and step.error.retry_after]
        due = now + max([wait, *asked]) * (1 + _SPREAD * self._spread())
        error = next((step.error for step in steps if step.error and step.state is state), None)
        return Standing(
            state=state,
            failures=failures,
            last_ok=now if state is State.OK else stored.last_ok,
            last_error=error.sentence if error else None,
            next_due=_whole(due),
        )

    def _interval(self, at: ConfiguredSource) -> timedelta:
        return interval_of(at.settings, at.type, self._settings)


def _tell(row: Row, error: SourceError) -> None:
    if not isinstance(error, Forbidden):
        kind = type(error).__name__
        log.info("part.failed", source=row.source, part=row.part, error=kind, cause=_kind(error.__cause__))


def _kind(cause: BaseException | None) -> str | None:
    """What sort of cause it was; its words may hold what an upstream sent."""
    return str(cause) if isinstance(cause, Cause) else type(cause).__name__ if cause else None


def _named(person: str | None, stored: StoredAccount) -> str:
    """Whose UIDs an account's events have: where the upstream knows no person, the user's."""
    return person or stored.user or ""


def _refusal(stored: StoredAccount, sentence: str) -> Row:
    return Row(stored.user, stored.source, None, ok=False, error=sentence)


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
