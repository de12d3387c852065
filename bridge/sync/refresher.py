"""Refresh accounts: the steps of one refresh, and many at the same time."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

import structlog

from bridge.errors import AuthFailed, BadResponse, BridgeError, Cause, SourceError
from bridge.model.clock import Clock
from bridge.model.event import Part
from bridge.model.names import Names, join_names
from bridge.model.tracked import uid_of
from bridge.model.window import Window
from bridge.settings.naming import namers
from bridge.settings.schema import RefreshSettings
from bridge.store.account import State, StoredAccount
from bridge.store.claims import Claim
from bridge.store.jobs import Job, PartChange, Standing
from bridge.store.locks import Lease, LockBusy
from bridge.store.parts import KnownPart
from bridge.store.storage import Store
from bridge.sync.job import check_type, locked_job
from bridge.sync.kept import events_of_answer, without_reported
from bridge.sync.outcome import (
    Row,
    Settled,
    believe,
    confirms,
    hold_back,
    refusal_leaned_on,
    rename,
    see_again,
    standing_after,
    withdraw,
)
from bridge.sync.reconcile import reconcile
from bridge.sync.snapshot import Outcome, is_named_by, take_snapshot
from bridge.upstream.configured import ConfiguredSource
from bridge.upstream.contract import mostly_unread
from bridge.upstream.credential import CredentialSlot
from bridge.upstream.receive import large_in_turn
from bridge.upstream.source_type import interval_of

_SPREAD = 0.1
_MANY = 3000  # it takes 30 ms to compare so many events
log = structlog.get_logger()


class Refresher:
    """Refreshes accounts, at most `concurrency` at a time."""

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
        room: asyncio.Lock | None = None,
    ) -> None:
        """Create a refresher.

        `saved` is called when events have changed; `watch` after each refresh, with its source, rows and seconds.
        `room` is held by whoever in the process has something large in memory.
        """
        self._store = store
        self._sources = sources
        self._saved = saved
        self._settings = settings
        self._clock = clock
        self._spread = spread
        self._watch = watch
        self._places = asyncio.Semaphore(settings.concurrency)
        self._room_for_large = room or asyncio.Lock()

    async def refresh(self, account: StoredAccount, *, accept: bool = False) -> list[Row]:
        """Refresh an account: ask the upstream and save what changed. It does not wait for feeds.

        Args:
            account: the account; it is loaded again when nobody else works on it.
            accept: accept an answer that would be held back.
        """
        async with self._places, self._watched(account) as rows:
            try:
                async with locked_job(self._store, account) as held:
                    if held is not None:
                        with large_in_turn(self._room_for_large):
                            rows.extend(await self._refresh(*held, self._sources[account.source], accept=accept))
            except LockBusy as error:
                rows.append(_refusal(account, SourceError(error.sentence)))
        return rows

    async def refresh_claimed(self, claim: Claim) -> None:
        """Refresh an account that was due when it was claimed; see `refresh`.

        Not if that has changed since, or if its source has asked everybody for silence.
        """
        account, lease = claim.account, claim.lease
        async with self._store.locks.keep(lease), self._places:
            at = self._sources[account.source]
            job = None if at.budget.quiet else await self._store.jobs.get(account.id)
            if job is None or job.account.lock != lease.lock or job.account.next_due > self._clock():
                return
            async with self._watched(account) as rows:
                with large_in_turn(self._room_for_large):
                    rows.extend(await self._refresh(job, lease, at, accept=False))

    async def refresh_all(
        self,
        accounts: Sequence[StoredAccount],
        *,
        accept: bool = False,
        ended: Callable[[], None] = lambda: None,
    ) -> list[Row]:
        """Refresh accounts, those of registers first. `ended` is called after each. Returns all rows, in order."""
        naming = {name for found in self._namers().values() for name in found}
        rows: dict[int, list[Row]] = {}

        async def one(account: StoredAccount) -> None:
            rows[account.id] = await self.refresh(account, accept=accept)
            ended()

        await asyncio.gather(*(one(account) for account in accounts if account.source in naming))
        await asyncio.gather(*(one(account) for account in accounts if account.source not in naming))
        return [row for account in accounts for row in rows[account.id]]

    @asynccontextmanager
    async def _watched(self, account: StoredAccount) -> AsyncIterator[list[Row]]:
        """Tell `watch` of the rows that are put into the list, and how long it took."""
        started = time.monotonic()
        rows: list[Row] = []
        yield rows
        self._watch(account.source, rows, time.monotonic() - started)

    async def _refresh(self, job: Job, lease: Lease, at: ConfiguredSource, *, accept: bool) -> list[Row]:
        """Refresh an account, from what is known of it to what is saved. Returns the rows of its parts."""
        if job.account.state is State.LOGIN_NEEDED:
            return [_refusal(job.account, AuthFailed(job.account.last_error or f"{at.title} needs a new login."))]
        account, snapshot = await self._snapshot(job, at)
        rows: list[Row] = []
        changes: list[PartChange] = []
        for part, outcome in snapshot.items():
            known = job.known.get(part, KnownPart())
            settled = refusal_leaned_on(outcome, rows) or outcome
            row, change = await self._settle(account, at, part, settled, known, accept=accept)
            rows.append(row)
            changes += [change] if change else []
        for part in _not_offered(job.known, snapshot):
            row, change = await self._withdraw(account, part)
            rows.append(row)
            changes.append(change)
        standing = standing_after(account, rows, self._interval(at), _SPREAD * self._spread(), self._clock())
        wanted = await self._store.jobs.save(account, changes, standing, lease)
        if wanted is None:
            log.info("refresh.overtaken", account=account.id, source=account.source)
            return []
        if wanted or account is not job.account:
            self._saved()
        _log(account, rows, standing)
        return rows

    async def _snapshot(self, job: Job, at: ConfiguredSource) -> tuple[StoredAccount, Mapping[Part, Outcome]]:
        """Identify the account and take a snapshot. An error becomes the failure of all parts."""
        account = job.account
        window = Window.around(self._clock(), at.settings.zone, past=self._settings.past, future=self._settings.future)
        try:
            check_type(account, at)
            account = await self._identified(account, at, job.slot)
            names = await self._names_for(at)
            asked = replace(
                account.at_source,
                read_at={part: kept.came for part, kept in job.known.items() if is_named_by(kept, names)},
                remembered={part: kept.remembered for part, kept in job.known.items()},
            )
            return account, await take_snapshot(at.source, at.settings, asked, job.slot, window, job.known, names)
        except SourceError as error:
            failure = error
        except BridgeError as error:
            failure = SourceError(error.sentence)
        except Exception as error:  # a bug in a source must not affect the others
            log.exception("refresh.bug", account=account.id, source=at.name)
            failure = BadResponse(f"The answer of {at.title} could not be processed; the log has the error.")
            failure.__cause__ = error
        return account, dict.fromkeys(at.type.parts, failure)

    async def _identified(self, account: StoredAccount, at: ConfiguredSource, slot: CredentialSlot) -> StoredAccount:
        """The account with its person, found now if the upstream could not be asked before."""
        if account.person is not None:
            return account
        connected = await at.source.connect(account.identity or None, account.at_source, slot)
        others = {
            entry.uid
            for part in at.type.parts
            for entry in await self._store.events.of_part(account.id, part)
            if entry.uid != uid_of(at.name, account.owner_of_events(connected.person), entry.event)
        }
        shown = account.identity or connected.person or connected.called
        return await self._store.accounts.identify(account, connected, shown, others, self._clock())

    async def _names_for(self, at: ConfiguredSource) -> Names | None:
        """The names from the registers for this source; `None` if there is no register."""
        found = self._namers().get(at.name)
        return join_names(await self._store.names.of_sources(found)) if found else None

    def _namers(self) -> Mapping[str, Sequence[str]]:
        """The registers for each source, of those that there are now."""
        return namers({name: at.settings for name, at in self._sources.items()})

    async def _settle(
        self,
        account: StoredAccount,
        at: ConfiguredSource,
        part: Part,
        outcome: Outcome,
        known: KnownPart,
        *,
        accept: bool,
    ) -> Settled:
        """What the outcome of a part changes."""
        now = self._clock()
        row = Row(account.user, at.name, part, known.events, name=account.name)
        if isinstance(outcome, SourceError):
            return replace(row, failure=outcome), None
        row = replace(row, retry_after=outcome.retry_after)
        if outcome.unchanged and (known.horizon == outcome.window or known.held):
            return see_again(row, part, outcome, known, now)
        if outcome.names is not None:
            return rename(row, part, outcome, await self._store.names.of_account(account.id), known, now)
        person = account.owner_of_events(account.person)
        kept = await events_of_answer(self._store.events, account, part, outcome, person=person, now=now)
        if any(entry.event.reported for entry in kept.entries):  # the outbox is read after the events that it shows
            kept = without_reported(kept, outcome, await self._store.outbox.unanswered(account.id))
        if outcome.skipped * 2 > outcome.items + kept.others > 0:
            return replace(row, failure=mostly_unread(at.title, outcome.items, outcome.skipped)), None
        compare = partial(reconcile, kept, outcome, source=at.name, person=person, now=now, zone=at.settings.zone)
        many = len(outcome.events) + len(kept.entries) > _MANY
        difference = await asyncio.to_thread(compare) if many else compare()
        if difference.suspicious and not (accept or confirms(difference, known.held, self._interval(at), now)):
            return hold_back(row, part, difference, known, now)
        return believe(row, part, outcome, difference, known, now)

    async def _withdraw(self, account: StoredAccount, part: Part) -> tuple[Row, PartChange]:
        """Take out a part that is not offered any more."""
        entries = await self._store.events.of_part(account.id, part)
        return withdraw(Row(account.user, account.source, part, name=account.name), part, entries)

    def _interval(self, at: ConfiguredSource) -> timedelta:
        return interval_of(at.settings, at.type, self._settings)


def _not_offered(known: Mapping[Part, KnownPart], snapshot: Mapping[Part, Outcome]) -> list[Part]:
    """The parts that were read once and that the source, as it is set now, does not even ask for."""
    return [part for part, kept in known.items() if part not in snapshot and (kept.answers or kept.events)]


def _refusal(account: StoredAccount, failure: SourceError) -> Row:
    """The row of an account for which nothing was requested."""
    return Row(account.user, account.source, None, name=account.name, failure=failure)


def _log(account: StoredAccount, rows: Sequence[Row], standing: Standing) -> None:
    """Log one line when an account's state changes, and why; each failure only for whoever debugs."""
    failures = []
    for row in rows:
        if row.state in {State.FAILING, State.LOGIN_NEEDED} and row.failure:
            kind, cause = type(row.failure).__name__, _kind(row.failure.__cause__)
            failures.append(f"{row.part or 'all'}: {kind}{f' ({cause})' if cause else ''}")
            log.debug("part.failed", source=row.source, part=row.part, error=kind, cause=cause)
    if standing.state is not account.state:
        why = {"failed": "; ".join(failures)} if failures else {}
        changed = {"was": account.state, "now": standing.state, **why}
        log.info("account.state", account=account.id, source=account.source, **changed)


def _kind(cause: BaseException | None) -> str | None:
    """The type of a cause. Its text may contain what an upstream sent."""
    return str(cause) if isinstance(cause, Cause) else type(cause).__name__ if cause else None
