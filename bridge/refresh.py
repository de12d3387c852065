"""One account's refresh, readable from top to bottom, and many of them at once."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bridge.errors import AuthFailed, BadResponse, BridgeError, Forbidden, SourceError
from bridge.http import Cause
from bridge.model import Delivered, Failed, Outcome, Part, Snapshot, Unchanged, Window
from bridge.oauth import Clock, CredentialSlot
from bridge.publish import Publisher
from bridge.reconcile import Difference, reconcile, uid_of
from bridge.settings import RefreshSettings, SourceSettings
from bridge.source import Account, Source, SourceType, take_snapshot
from bridge.store import Store
from bridge.store.accounts import State, StoredAccount
from bridge.store.events import Held, KnownPart, PartChange, Standing
from bridge.store.jobs import Job
from bridge.store.locks import LockBusy

_LONGEST_BACKOFF = 8
_SPREAD = 0.1
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ConfiguredSource:
    """A source as the settings have it."""

    name: str
    type: SourceType[Any]
    settings: SourceSettings
    source: Source

    @property
    def title(self) -> str:
        """What people call it."""
        return self.settings.title or self.name


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one part of one account. `part` is none where nothing was asked.

    `added`, `changed` and `removed` are what the upstream changed; `events` is what it has now. `error` is a
    sentence: with `ok`, items were skipped. `forbidden` parts are not ok, but are nobody's failure.
    """

    user: str | None
    source: str
    part: Part | None
    ok: bool
    events: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    error: str | None = None
    forbidden: bool = False


@dataclass(frozen=True, slots=True)
class _Step:
    """One part's way through a refresh: its row, what to write, and what it means for the account."""

    row: Row
    change: PartChange | None
    state: State
    error: SourceError | None = None


class Refresher:
    """Refreshes accounts: one at a time each, at most `concurrency` at once."""

    def __init__(
        self,
        store: Store,
        sources: Mapping[str, ConfiguredSource],
        publisher: Publisher,
        settings: RefreshSettings,
        clock: Clock,
        *,
        spread: Callable[[], float] = random.random,
        watch: Callable[[str, Sequence[Row], float], None] = lambda *_: None,
    ) -> None:
        """Take what it works with; `watch` is told of each refresh its source, rows and seconds."""
        self._store = store
        self._sources = sources
        self._publisher = publisher
        self._settings = settings
        self._clock = clock
        self._spread = spread
        self._watch = watch
        self._places = asyncio.Semaphore(settings.concurrency)

    async def refresh(self, account: StoredAccount, *, accept: bool = False) -> list[Row]:
        """Ask the upstream and keep what it says; feeds are made anew where something changed.

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
                await self._publisher.publish_wanted()
            self._watch(account.source, rows, time.monotonic() - started)
        return rows

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
        snapshot = await self._ask(job, at)
        steps = [
            await self._settle(stored, at, part, outcome, job.known.get(part, KnownPart()), accept=accept)
            for part, outcome in snapshot.parts.items()
        ]
        standing = self._standing(stored, at, steps)
        changes = [step.change for step in steps if step.change is not None]
        await self._store.events.save(stored, changes, standing)
        if standing.state is not stored.state:
            log.info("account.state", account=stored.id, source=at.name, was=stored.state, now=standing.state)
        touched = stored.person is None or any(change.touches_events for change in changes)
        return [step.row for step in steps], touched

    async def _ask(self, job: Job, at: ConfiguredSource) -> Snapshot:
        """A snapshot in which whatever goes wrong is the failure of the parts that it concerns."""
        digests = {part: kept.digest for part, kept in job.known.items() if kept.digest and not kept.held}
        window = Window.around(self._clock(), at.settings.zone, past=self._settings.past, future=self._settings.future)
        try:
            account = await self._identified(job.account, at, job.slot)
            return await take_snapshot(at.source, at.settings, account, job.slot, window, digests)
        except SourceError as error:
            return Snapshot(dict.fromkeys(at.type.parts, Failed(error)))
        except BridgeError as error:
            return Snapshot(dict.fromkeys(at.type.parts, Failed(SourceError(error.sentence))))
        except Exception as error:  # a source that is at fault must not take the others with it
            log.exception("refresh.bug", account=job.account.id, source=at.name)
            failure = BadResponse(f"The answer of {at.title} could not be worked on; the log tells more.")
            failure.__cause__ = error
            return Snapshot(dict.fromkeys(at.type.parts, Failed(failure)))

    async def _identified(self, stored: StoredAccount, at: ConfiguredSource, slot: CredentialSlot) -> Account:
        """The account with its person, asked for where the upstream could not be asked so far."""
        if stored.person is not None:
            return stored.at_source
        account = await at.source.connect(stored.identity or None, stored.at_source, slot)
        others = {
            entry.uid
            for part in at.type.parts
            for entry in await self._store.events.of_part(stored.id, part)
            if entry.uid != uid_of(at.name, _named(account.person, stored), entry.event)
        }
        await self._store.accounts.identify(stored, account.person, others)
        return account

    async def _settle(
        self,
        stored: StoredAccount,
        at: ConfiguredSource,
        part: Part,
        outcome: Outcome,
        known: KnownPart,
        *,
        accept: bool,
    ) -> _Step:
        row = Row(stored.user, at.name, part, ok=True, events=known.events)
        if isinstance(outcome, Failed):
            return _failed(row, outcome.error)
        if isinstance(outcome, Unchanged):
            return _Step(row, None, State.OK)
        fresh = await self._store.accounts.get(stored.id)
        difference = reconcile(
            await self._store.events.of_part(stored.id, part),
            outcome,
            source=at.name,
            person=_named(fresh.person if fresh else stored.person, stored),
            now=self._clock(),
            zone=at.settings.zone,
        )
        if difference.suspicious and not accept and not self._confirmed(known.held, difference, at):
            return self._hold(row, difference, known)
        return _accepted(row, difference, outcome)

    def _confirmed(self, held: Held | None, difference: Difference, at: ConfiguredSource) -> bool:
        """Whether the answer says what was held back at least one interval ago, time having passed since."""
        return (
            held is not None
            and self._clock() - held.since >= self._interval(at)
            and difference.missing == held.missing & difference.missing
        )

    def _hold(self, row: Row, difference: Difference, known: KnownPart) -> _Step:
        count = len(difference.missing)
        sentence = (
            f"The answer suddenly lacks {count} coming events; it is held back until a later one says the same. "
            "`roosterbridge refresh --accept` believes it at once."
        )
        same = known.held if known.held and difference.missing <= known.held.missing else None
        held = same or Held(difference.missing, self._clock())
        change = PartChange(row.part or Part.SCHEDULE, KnownPart(known.digest, known.events, held))
        return _Step(replace(row, ok=False, error=sentence), change, State.HELD, SourceError(sentence))

    def _standing(self, stored: StoredAccount, at: ConfiguredSource, steps: Sequence[_Step]) -> Standing:
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


def interval_of(source: SourceSettings, kind: SourceType[Any], refresh: RefreshSettings) -> timedelta:
    """How often a source is read: as it is set, as its type has it, or as all are."""
    return source.interval or kind.interval or refresh.interval


def _accepted(row: Row, difference: Difference, outcome: Delivered) -> _Step:
    skipped = outcome.skipped
    items = "1 item" if skipped == 1 else f"{skipped} items"
    return _Step(
        replace(
            row,
            events=difference.events,
            added=len(difference.added),
            changed=difference.changed,
            removed=difference.removed,
            error=f"{items} could not be read and {'was' if skipped == 1 else 'were'} left out." if skipped else None,
        ),
        PartChange(
            row.part or Part.SCHEDULE,
            KnownPart(outcome.digest, difference.events),
            difference.added,
            difference.replaced,
            difference.dropped,
        ),
        State.OK,
    )


def _failed(row: Row, error: SourceError) -> _Step:
    if isinstance(error, Forbidden):
        return _Step(replace(row, ok=False, error=error.sentence, forbidden=True), None, State.OK)
    log.info(
        "part.failed",
        source=row.source,
        part=row.part,
        error=type(error).__name__,
        cause=_kind(error.__cause__),
    )
    needs_login = isinstance(error, AuthFailed) and error.needs_login
    state = State.LOGIN_NEEDED if needs_login else State.FAILING
    return _Step(replace(row, ok=False, error=error.sentence), None, state, error)


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
