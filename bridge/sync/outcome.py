"""What one part's outcome means: the row to tell, what to write, and how the account stands by it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bridge.errors import AuthFailed, Forbidden, SourceError
from bridge.model.event import Part
from bridge.model.names import Names
from bridge.store.accounts import State
from bridge.store.jobs import PartChange
from bridge.store.parts import Held, KnownAnswer, KnownPart
from bridge.sync.reconcile import Difference
from bridge.sync.snapshot import Delivered

_REMEMBERED_FOR = timedelta(days=60)


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
class Step:
    """One part's way through a refresh: its row, what to write, and what it means for the account."""

    row: Row
    change: PartChange | None = None
    state: State = State.OK
    error: SourceError | None = None


def failed(row: Row, error: SourceError) -> Step:
    """The part did not come; what was there stays. What a school does not offer is nobody's failure."""
    row = replace(row, ok=False, error=error.sentence, forbidden=isinstance(error, Forbidden))
    if row.forbidden:
        return Step(row)
    needs_login = isinstance(error, AuthFailed) and error.needs_login
    return Step(row, None, State.LOGIN_NEEDED if needs_login else State.FAILING, error)


def unchanged(row: Row, part: Part, outcome: Delivered, known: KnownPart, now: datetime) -> Step:
    """Nothing to write, but when each of several answers came: what is far away is not asked for each time."""
    if outcome.answers.keys() == {""}:
        return Step(row)
    return Step(row, PartChange(part, replace(known, answers=_answers(outcome.answers, known, now))))


def named(
    row: Row, part: Part, outcome: Delivered, names: Names, before: Names, known: KnownPart, now: datetime
) -> Step:
    """What things are called from now on, where they were called as in `before`."""
    was, told = _by_thing(before), _by_thing(names)
    row = replace(
        row,
        events=len(told),
        added=len(told.keys() - was.keys()),
        changed=sum(1 for thing in told.keys() & was.keys() if told[thing] != was[thing]),
        removed=len(was.keys() - told.keys()),
        error=_left_out(outcome.skipped),
    )
    after = _known(outcome, known, len(told), now)
    return Step(row, PartChange(part, after, names=names, renames_school=before.school != names.school))


def accepted(row: Row, part: Part, outcome: Delivered, difference: Difference, known: KnownPart, now: datetime) -> Step:
    """The answer is believed."""
    row = replace(
        row,
        events=difference.events,
        added=len(difference.added),
        changed=difference.changed,
        removed=difference.removed,
        error=_left_out(outcome.skipped),
    )
    after = _known(outcome, known, difference.events, now)
    return Step(row, PartChange(part, after, difference.added, difference.replaced, difference.dropped))


def confirmed(held: Held | None, difference: Difference, interval: timedelta, now: datetime) -> bool:
    """Whether the answer says what was held back at least one interval ago."""
    return held is not None and now - held.since >= interval and difference.missing == held.missing & difference.missing


def held_back(row: Row, part: Part, difference: Difference, known: KnownPart, now: datetime) -> Step:
    """The answer is not believed yet."""
    count = len(difference.missing)
    sentence = (
        f"The answer suddenly lacks {count} coming events; it is held back until a later one says the same. "
        "`roosterbridge refresh --accept` believes it at once."
    )
    same = known.held if known.held and difference.missing <= known.held.missing else None
    change = PartChange(part, replace(known, held=same or Held(difference.missing, now)))
    return Step(replace(row, ok=False, error=sentence), change, State.HELD, SourceError(sentence))


def _known(outcome: Delivered, known: KnownPart, events: int, now: datetime) -> KnownPart:
    return KnownPart(_answers(outcome.answers, known, now), events, horizon=outcome.window)


def _answers(digests: Mapping[str, str], known: KnownPart, now: datetime) -> dict[str, KnownAnswer]:
    """The answers that are known now. One answer for all, or several: the one sort replaces the other."""
    several = "" not in digests
    before = {
        name: answer
        for name, answer in known.answers.items()
        if bool(name) == several and answer.came > now - _REMEMBERED_FOR
    }
    return before | {name: KnownAnswer(digest, now.replace(microsecond=0)) for name, digest in digests.items()}


def _by_thing(names: Names) -> dict[tuple[str, str], str]:
    """Every name by what it is of."""
    school = {("school", ""): names.school} if names.school else {}
    subjects = {("subject", code): name for code, name in names.subjects.items()}
    studied = {
        (f"subject of {start}", code): name for start, named in names.studied.items() for code, name in named.items()
    }
    locations = {("location", code): name for code, name in names.locations.items()}
    return {**school, **subjects, **studied, **locations}


def _left_out(skipped: int) -> str | None:
    """What to say of items that could not be read."""
    if skipped == 1:
        return "1 item could not be read and was left out."
    return f"{skipped} items could not be read and were left out." if skipped else None
