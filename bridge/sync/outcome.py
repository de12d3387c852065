"""What a refresh means for a part and for the account: rows, changes and states. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bridge.errors import AuthFailed, Forbidden, SourceError
from bridge.model.event import Part
from bridge.model.names import Names
from bridge.model.tracked import TrackedEvent
from bridge.store.account import State, StoredAccount
from bridge.store.jobs import PartChange, Standing
from bridge.store.parts import Held, KnownAnswer, KnownPart
from bridge.sync.reconcile import Difference
from bridge.sync.snapshot import Delivered, Outcome

_REMEMBERED_FOR = timedelta(days=60)
_LONGEST_BACKOFF = 8


@dataclass(frozen=True, slots=True)
class Row:
    """The result of a part. `part` is `None` if nothing was requested. `name` is that of the account.

    `added`, `changed` and `removed` count changes of the upstream; `events` is the number that it has now. `failure` is
    why the part stayed as it was. `note` says what was left out. `retry_after` is how long the upstream asks to wait
    although the part was delivered.
    """

    user: str | None
    source: str
    part: Part | None
    events: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    note: str | None = None
    name: str = ""
    failure: SourceError | None = field(default=None, compare=False)
    retry_after: timedelta | None = field(default=None, compare=False)

    @property
    def ok(self) -> bool:
        """Whether the part was delivered and accepted."""
        return self.failure is None

    @property
    def error(self) -> str | None:
        """A sentence for people: why the part failed, or what was left out."""
        return self.note if self.failure is None else self.failure.sentence

    @property
    def forbidden(self) -> bool:
        """Whether the school does not offer the part, which is not a failure."""
        return isinstance(self.failure, Forbidden)

    @property
    def state(self) -> State:
        """The state of the account because of this part."""
        if self.failure is None or self.forbidden:
            return State.OK
        if isinstance(self.failure, HeldBack):
            return State.HELD
        needs_login = isinstance(self.failure, AuthFailed) and self.failure.needs_login
        return State.LOGIN_NEEDED if needs_login else State.FAILING


class HeldBack(SourceError):
    """An answer lacks so much that it is held back until a second one lacks it too."""


Settled = tuple[Row, PartChange | None]
"""The row of a part, and what to write; `None` if there is nothing."""


def see_again(row: Row, part: Part, delivered: Delivered, known: KnownPart, now: datetime) -> Settled:
    """Settle a part with unchanged answers. Of several answers the times are kept: far ones are read seldom."""
    row = replace(row, note=_note(delivered))
    after = replace(known, answers=_answers(delivered, known, now), remembered=_remembered(delivered, known))
    if delivered.answers.keys() == {""} and after.remembered == known.remembered:
        return row, None
    return row, PartChange(part, after)


def withdraw(row: Row, part: Part, entries: Collection[TrackedEvent]) -> tuple[Row, PartChange]:
    """Settle a part that the source no longer offers with its settings: its events are removed without a trace."""
    ties = frozenset[str]().union(*(entry.event.ties for entry in entries))
    return replace(row, events=0), PartChange(part, KnownPart(), removed={entry.uid for entry in entries}, ties=ties)


def rename(row: Row, part: Part, delivered: Delivered, before: Names, known: KnownPart, now: datetime) -> Settled:
    """Settle a part of names, which were `before` so far."""
    names = delivered.names or Names()
    was, named = _by_thing(before), _by_thing(names)
    row = replace(
        row,
        events=len(named),
        added=len(named.keys() - was.keys()),
        changed=sum(1 for thing in named.keys() & was.keys() if named[thing] != was[thing]),
        removed=len(was.keys() - named.keys()),
        note=_note(delivered),
    )
    after = _known(delivered, len(named), known, now)
    return row, PartChange(part, after, names=names, renames_school=before.school != names.school)


def believe(
    row: Row, part: Part, delivered: Delivered, difference: Difference, known: KnownPart, now: datetime
) -> Settled:
    """Settle a part with an answer that is accepted."""
    row = replace(
        row,
        events=difference.events,
        added=len(difference.added),
        changed=difference.changed,
        removed=difference.removed,
        note=_note(delivered),
    )
    after = _known(delivered, difference.events, known, now)
    return row, PartChange(part, after, difference.added, difference.replaced, difference.dropped, ties=difference.ties)


def confirms(difference: Difference, held: Held | None, interval: timedelta, now: datetime) -> bool:
    """Whether an answer lacks only what one that was held back at least an interval ago lacked too."""
    return held is not None and now - held.since >= interval and difference.missing <= held.missing


def hold_back(row: Row, part: Part, difference: Difference, known: KnownPart, now: datetime) -> Settled:
    """Settle a part with an answer that is not accepted yet."""
    failure = HeldBack(
        f"The answer suddenly lacks {len(difference.missing)} coming events; it is held back until a later one says "
        "the same. `roosterbridge refresh --accept` accepts it at once."
    )
    same = known.held if known.held and difference.missing <= known.held.missing else None
    held = same or Held(difference.missing, now)
    return replace(row, failure=failure), PartChange(part, replace(known, held=held))


def refusal_leaned_on(outcome: Outcome, before: Sequence[Row]) -> SourceError | None:
    """Why the part to whose events this one refers stays as it was, if it does; `before` are the rows so far."""
    if isinstance(outcome, SourceError) or outcome.leans_on is None or outcome.unchanged:
        return None
    return next((row.failure for row in before if row.part is outcome.leans_on and not row.forbidden), None)


def standing_after(
    account: StoredAccount, rows: Sequence[Row], interval: timedelta, spread: float, now: datetime
) -> Standing:
    """The state of an account by the worst of its rows, and when it is due again, a little later by `spread`.

    With several failures in a row the wait grows. It is never shorter than the upstream asks for.
    """
    states = {row.state for row in rows}
    state = next((one for one in (State.LOGIN_NEEDED, State.FAILING, State.HELD) if one in states), State.OK)
    worst = next((row.failure for row in rows if row.failure and row.state is state), None)
    failures = account.failures + 1 if state is State.FAILING else 0
    wait = interval * min(2 ** max(failures - 1, 0), _LONGEST_BACKOFF)
    asked = [longer for row in rows if (longer := _asked_wait(row))]
    return Standing(
        state=state,
        failures=failures,
        last_ok=now if state is State.OK else account.last_ok,
        last_error=None if state is State.OK or worst is None else worst.sentence,
        next_due=(now + max([wait, *asked]) * (1 + spread)).replace(microsecond=0),
    )


def _asked_wait(row: Row) -> timedelta | None:
    """How long the upstream asks to wait."""
    failed = row.failure.retry_after if row.failure and not row.forbidden else None
    return failed or row.retry_after


def _known(delivered: Delivered, events: int, known: KnownPart, now: datetime) -> KnownPart:
    return KnownPart(
        _answers(delivered, known, now), events, horizon=delivered.window, remembered=_remembered(delivered, known)
    )


def _remembered(delivered: Delivered, known: KnownPart) -> Mapping[str, bytes]:
    """The answers to further requests: the new ones, and the last good ones of the others."""
    return {**known.remembered, **delivered.remember}


def _answers(delivered: Delivered, known: KnownPart, now: datetime) -> dict[str, KnownAnswer]:
    """The answers that are known now. A single answer replaces several ones, and the other way round."""
    several = "" not in delivered.answers
    before = {
        name: answer
        for name, answer in known.answers.items()
        if bool(name) == several and answer.came > now - _REMEMBERED_FOR
    }
    came = now.replace(microsecond=0)
    return before | {
        name: KnownAnswer(digest, came, delivered.choices.get(name)) for name, digest in delivered.answers.items()
    }


def _by_thing(names: Names) -> Mapping[tuple[str, str], str]:
    """The names by the kind and key of what they name."""
    school = {("school", ""): names.school} if names.school else {}
    subjects = {("subject", code): name for code, name in names.subjects.items()}
    studied = {
        (f"subject of {start}", code): name for start, named in names.studied.items() for code, name in named.items()
    }
    locations = {("location", code): name for code, name in names.locations.items()}
    return {**school, **subjects, **studied, **locations}


def _note(delivered: Delivered) -> str | None:
    """Sentences about what is missing from a part, or `None`."""
    return " ".join((*delivered.notes, *_left_out(delivered.skipped))) or None


def _left_out(skipped: int) -> tuple[str, ...]:
    """Sentences about items that could not be read."""
    if skipped == 1:
        return ("1 item could not be read and was left out.",)
    return (f"{skipped} items could not be read and were left out.",) if skipped else ()
