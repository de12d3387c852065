"""From Informat's words to events: pure, one person's items in, readings out."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from bridge.model.event import AllDay, DayPart, Event, Kind
from bridge.sources.informat.listing import Model, readable
from bridge.sources.informat.models.assignment import Assignment
from bridge.sources.informat.models.interruption import Interruption
from bridge.sources.informat.models.substitution import Substitute, Substitution
from bridge.upstream.contract import Reading

_DAY = timedelta(days=1)
_STRIKE = {"dag": DayPart.WHOLE, "vm": DayPart.MORNING, "nm": DayPart.AFTERNOON, "uren": DayPart.HOURS}


def read_interruptions(items: Iterable[Any], substitutes: Iterable[Any] = ()) -> Reading:
    """One person's interruptions; an absence that two structures record is one event.

    What is the same absence begins on the same day, with the same code, for the same part of the day; its name is made
    of these, and not of a record's key, so that it stays whichever structure's record comes or goes, and when the
    absence is prolonged. While only one of the records has been prolonged, its end counts: no day is lost.
    """
    records, skipped = _read(items, Interruption)
    named, unnamed = _read(substitutes, Substitute)
    colleagues: dict[str, set[str]] = defaultdict(set)
    for one in named:
        colleagues[one.do_id].add(one.colleague)
    same: dict[str, list[Interruption]] = defaultdict(list)
    for record in records:
        same[_absence(record)].append(record)
    return Reading(tuple(_interruption(name, found, colleagues) for name, found in same.items()), skipped + unnamed)


def read_assignments(items: Iterable[Any], substitutions: Iterable[Any]) -> Reading:
    """One person's assignments, and whom that person replaces.

    A substitution has the days of the colleague's interruption on which the substitute's assignment runs. Its name is
    made of the colleague and its first day, since several assignments may cover one absence; days that lie within
    others of the same colleague are not shown again.
    """
    own, skipped = _read(items, Assignment)
    covers, unreadable = _read(substitutions, Substitution)
    events = [_assignment(item) for item in {item.id: item for item in own}.values()]
    return Reading((*events, *_substitutions(covers)), skipped + unreadable)


def _read(items: Iterable[Any], model: type[Model]) -> tuple[list[Model], int]:
    """What can be read, and how much cannot: whether that is too much was judged over the institute's whole list."""
    pairs = readable(items, model)
    found = [item for _, item in pairs if item is not None]
    return found, len(pairs) - len(found)


def _absence(record: Interruption) -> str:
    part, hours = _part(record), _hours(record)
    words = (record.begindatum.isoformat(), record.code, part or "", "" if hours is None else f"{hours:g}")
    return " ".join(filter(None, words))


def _interruption(identity: str, records: Collection[Interruption], colleagues: Mapping[str, Collection[str]]) -> Event:
    longest, *_ = sorted(records, key=lambda record: (-record.einddatum.toordinal(), record.do_id))
    substitutes = {name for record in records for name in colleagues.get(record.do_id, ())}
    return Event(
        identity,
        Kind.INTERRUPTION,
        _days(longest.begindatum, longest.einddatum),
        title="",
        reason=longest.omschrijving,
        day_part=_part(longest),
        hours=_hours(longest),
        colleague=", ".join(sorted(filter(None, substitutes))),
    )


def _part(record: Interruption) -> DayPart | None:
    return _STRIKE.get(record.staking.casefold())


def _hours(record: Interruption) -> float | None:
    """The hours of a strike; nothing where none are given, which is not the same as no hours."""
    return record.staking_uren or None if _part(record) is DayPart.HOURS else None


def _assignment(item: Assignment) -> Event:
    return Event(
        item.id,
        Kind.ASSIGNMENT,
        _days(item.begindatum, item.einddatum),
        title=item.vak or item.ambt,
        subject=item.vak,
        label=item.ambt if item.vak else "",
        locations=(item.vestiging,) if item.vestiging else (),
        hours=item.prestatie_uren,
        full_hours=item.prestatie_noemer or None,
    )


def _substitutions(covers: Iterable[Substitution]) -> Iterator[Event]:
    spans: dict[str, set[tuple[date, date]]] = defaultdict(set)
    names: dict[str, str] = {}
    for cover in covers:
        first = max(cover.interruption.begindatum, cover.assignment.begindatum)
        last = min(cover.interruption.einddatum, cover.assignment.einddatum)
        if first <= last:
            spans[cover.person_id].add((first, last))
            names[cover.person_id] = cover.colleague
    for person, found in spans.items():
        for first, last in _outermost(found):
            yield Event(f"{person} {first}", Kind.SUBSTITUTION, _days(first, last), title="", colleague=names[person])


def _outermost(spans: Iterable[tuple[date, date]]) -> Iterator[tuple[date, date]]:
    """Those that do not lie within another, in order."""
    latest = date.min
    for first, last in sorted(spans, key=lambda span: (span[0], -span[1].toordinal())):
        if last > latest:
            yield first, last
            latest = last


def _days(first: date, last: date) -> AllDay:
    """Whole days; `last` is the last of them."""
    return AllDay(first, last + _DAY)
