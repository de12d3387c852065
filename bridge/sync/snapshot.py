"""Fetch and read the parts of an account."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

from bridge import __version__
from bridge.errors import BadResponse, SourceError
from bridge.model.event import Event, Kind, Part, clean_event
from bridge.model.names import Names, name_event
from bridge.model.text import clean_name
from bridge.model.window import Window
from bridge.settings.schema import SourceSettings
from bridge.store.parts import KnownPart
from bridge.upstream.contract import (
    MOST_EVENTS,
    Account,
    Answer,
    Reading,
    Source,
    Unread,
    join_readings,
    too_many_events,
)
from bridge.upstream.credential import CredentialSlot
from bridge.upstream.fingerprint import fingerprint
from bridge.upstream.further import not_up_to_date
from bridge.upstream.memory import give_back
from bridge.upstream.receive import await_turn
from bridge.upstream.weight import weighs_over

_READING = "8"  # must change if the same answers give other events, so that they are read again
_LONG = 32 * 1024  # an iCalendar text of this size takes 0.2 s to read
_VERY_LARGE = 4 * 1024 * 1024  # a full year of a pupil is smaller
_REGISTER = "~register"
"""Under which the fingerprint of the names of a register is remembered, beside the answers to further requests."""
_YEARS = range(1900, 2201)  # outside of them calendars and time zones are unreliable


@dataclass(frozen=True, slots=True)
class Delivered:
    """A part that was delivered: all events of the upstream within `covered`, or within `window` if that is `None`.

    `window` is what was requested; events outside of it are removed. `answers` has the digests of the answers by name,
    so that an equal answer need not be read again, and `choices` what was chosen for each. `unread` are the items that
    could not be read, of `items`. `left_out` are the days in which what is missing was left out by choice, and
    `otherwise` those that another call has answered than before, which may never have had what is missing; `None` is
    all of them. `names` are the names of a register. `notes` are sentences about further requests that failed, and
    `remember` the answers to those that did not. `hidden`, `also`, `silent` and `lacking` are those of `Reading`.
    `retry_after` is how long the upstream asks to wait. `leans_on` is the part to whose events these refer.
    """

    events: tuple[Event, ...]
    window: Window
    answers: Mapping[str, str]
    unread: tuple[Unread, ...] = ()
    covered: tuple[Window, ...] | None = None
    names: Names | None = None
    items: int = 0
    choices: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[Window, ...] | None = ()
    otherwise: tuple[Window, ...] | None = ()
    notes: tuple[str, ...] = ()
    remember: Mapping[str, bytes] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    silent: tuple[str, ...] = ()
    lacking: Mapping[str, frozenset[str]] = field(default_factory=dict)
    retry_after: timedelta | None = None
    leans_on: Part | None = None

    @property
    def skipped(self) -> int:
        """How many items could not be read."""
        return len(self.unread)

    @property
    def unchanged(self) -> bool:
        """Whether all answers are equal to those of last time."""
        return self.covered == ()


Outcome = Delivered | SourceError
"""What became of a part; one that did not come stays as it was."""


async def take_snapshot(
    source: Source,
    settings: SourceSettings,
    account: Account,
    slot: CredentialSlot,
    window: Window,
    known: Mapping[Part, KnownPart],
    names: Names | None = None,
) -> dict[Part, Outcome]:
    """Fetch from `source` and read the answers, except those that are `known`, by part and name, and not held back.

    Only events that overlap `window` are delivered, with the names in `names`. Of two events with the same kind and
    identity the last is used. An event outside of the years 1900 to 2200 counts as unreadable.
    """
    mark = fingerprint(__version__, _READING, settings.as_text, repr((account.person, account.options)), repr(names))
    chosen = fingerprint(settings.as_text, repr(account.options))
    outcomes: dict[Part, Outcome] = {}
    for part, answered in (await source.fetch(account, slot, window)).items():
        if isinstance(answered, SourceError):
            outcomes[part] = answered
            continue
        answers = (answered,) if isinstance(answered, Answer) else answered
        before = known.get(part, KnownPart())
        made = {choice: fingerprint(chosen, choice) for choice in {one.choice for one in answers}}
        choices = {one.name: made[one.choice] for one in answers}
        notes = tuple(dict.fromkeys(note for one in answers for note in one.notes))
        remember = {**_named(names), **{name: body for one in answers for name, body in one.remember.items()}}
        digests = {one.name: fingerprint(mark, part, str(one.window or window), one.fingerprint) for one in answers}
        read = before.digests
        fresh = [one for one in answers if before.held or read.get(one.name) != digests[one.name]]
        common = Delivered(
            (),
            window,
            digests,
            covered=(),
            choices=choices,
            notes=notes,
            remember=remember,
            retry_after=max((one.retry_after for one in answers if one.retry_after), default=None),
            leans_on=next((one.leans_on for one in answers if one.leans_on), None),
        )
        if not fresh:
            outcomes[part] = common
            continue
        try:
            outcomes[part] = await _apart_if_long(
                [one.payload for one in fresh],
                partial(_read_fresh, source, part, account, fresh, before, common, settings, names),
            )
        except SourceError as error:
            outcomes[part] = error.with_traceback(None)  # whose frames have all that was read
    return outcomes


def is_named_by(known: KnownPart, names: Names | None) -> bool:
    """Whether the events of a part have the names that a register has now; if not, all of its answers are due."""
    return _named(names).items() <= known.remembered.items()


def _named(names: Names | None) -> Mapping[str, bytes]:
    return {} if names is None else {_REGISTER: fingerprint(repr(names)).encode()}


async def _apart_if_long(payloads: Sequence[Any], read: Callable[[], Delivered]) -> Delivered:
    """Read answers in a thread if that takes long, so that feeds are answered meanwhile; very large ones in turn."""
    if not weighs_over(payloads, _LONG):
        return read()
    if not weighs_over(payloads, _VERY_LARGE):
        return await asyncio.to_thread(read)
    await await_turn()
    delivered = await asyncio.to_thread(read)
    give_back()
    return delivered


def _days_of(answers: Sequence[Answer]) -> tuple[Window, ...] | None:
    """The days that these answers cover; `None` is all that was asked for."""
    windows = tuple(one.window for one in answers if one.window is not None)
    return windows if len(windows) == len(answers) else None


def _read_fresh(
    source: Source,
    part: Part,
    account: Account,
    fresh: Sequence[Answer],
    before: KnownPart,
    common: Delivered,
    settings: SourceSettings,
    names: Names | None,
) -> Delivered:
    """The part as its `fresh` answers have it, without further ones that cannot be read."""
    readings, notes = [], []
    for one in fresh:
        try:
            readings.append((one, source.read(part, one.payload, account)))
        except BadResponse as error:
            if not one.further:
                raise
            notes.append(not_up_to_date(one.further, error.sentence))
    came = [one for one, _ in readings]
    lost = {one.name for one in fresh} - {one.name for one in came}
    delivered = _read(common, join_readings([reading for _, reading in readings]), settings, names)
    return replace(
        delivered,
        answers={name: digest for name, digest in common.answers.items() if name not in lost},
        covered=_days_of(came),
        left_out=_days_of([one for one in came if before.chosen_otherwise(one.name, common.choices[one.name])]),
        otherwise=_days_of([one for one in came if before.answers and one.name not in before.answers]),
        notes=tuple(dict.fromkeys((*delivered.notes, *notes))),
    )


def _read(common: Delivered, reading: Reading, settings: SourceSettings, names: Names | None) -> Delivered:
    if len(reading.events) > MOST_EVENTS:
        raise too_many_events(settings.title or "The source")
    unique: dict[tuple[Kind, str], Event] = {}
    unread = list(reading.unread)
    for event in reading.events:
        if event.when.start.year not in _YEARS or event.when.end.year not in _YEARS:
            unread.append(Unread(clean_name(event.identity)))
        elif common.window.overlaps(event.when, settings.zone):
            tidy = clean_event(event if names is None else name_event(event, names))
            unique[tidy.kind, tidy.identity] = tidy
    return replace(
        common,
        events=tuple(unique.values()),
        unread=tuple(unread),
        items=reading.items,
        names=reading.names,
        notes=tuple(dict.fromkeys((*common.notes, *reading.notes))),
        hidden=frozenset(map(clean_name, reading.hidden)),
        also={clean_name(identity): others for identity, others in reading.also.items()},
        silent=reading.silent,
        lacking={clean_name(identity): fields for identity, fields in reading.lacking.items()},
    )
