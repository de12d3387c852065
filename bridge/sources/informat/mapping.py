"""From the items of a person to events. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from msgspec.structs import replace

from bridge.model.event import AllDay, Cover, DayPart, Event, Kind
from bridge.sources.informat.models.assignment import Assignment
from bridge.sources.informat.models.interruption import Interruption
from bridge.sources.informat.models.person import OwnAssignments, OwnInterruptions, Substitution
from bridge.upstream.contract import Reading, Unread
from bridge.upstream.markup import without_markup

LEFT_OUT = "late arrivals and other posts; known by key"
"""What of the interruptions makes no event: the choice of an answer, so that it goes without a trace.

What earlier versions knew by its first day, and cannot be found under its key, goes without a trace too.
"""
_ANOTHER_POST = "19"
_DAY = timedelta(days=1)
_STRIKE = {"dag": DayPart.WHOLE, "vm": DayPart.MORNING, "nm": DayPart.AFTERNOON, "uren": DayPart.HOURS}


def read_interruptions(own: OwnInterruptions) -> Reading:
    """The interruptions of a person. An absence that two structures record is one event.

    Records of the same absence have the same first day, code and part of the day. The identity is the first of their
    keys, so that the absence is still the same when its days are corrected. It may have been stored under another key,
    or, by an earlier version, under its first day and code. If only one of the records is extended, the later end is
    used. Coming late and another post make no event; see `LEFT_OUT`.
    """
    colleagues: dict[str, set[str]] = defaultdict(set)
    for one in own.substitutes:
        colleagues[one.do_id].add(one.colleague)
    same: dict[str, list[Interruption]] = defaultdict(list)
    for record in own.interruptions:
        if not _is_left_out(record):
            same[_absence(record)].append(record)
    events, also = [], {}
    for absence, records in same.items():
        identity, *others = [*_keys(records), absence]
        keys = _keys(records)
        cover = tuple(Cover(one.what, one.days, one.by, one.hours) for one in own.covered if one.do_id in keys)
        events.append(replace(_interruption(identity, records, colleagues), cover=cover))
        also[identity] = (*others, *_without_part(records[0]))
    return Reading(tuple(map(without_markup, events)), tuple(map(Unread, own.unread)), also=also)


def read_assignments(own: OwnAssignments) -> Reading:
    """The assignments of a person, and who they replace.

    The identity of a substitution is made of the colleague and the key of the absence, so that it is still the same
    when its days are corrected; earlier versions made it of the colleague and its first day. Of several stretches of
    one absence the later ones have their first day too. It tells what is to be taught, for whom, where and for how many
    hours in all assignments that cover it. Days within other days of the same colleague are left out.
    """
    events = map(_assignment, own.assignments)
    unread = map(Unread, (*own.unread, *own.hidden))
    substitutions = tuple(_substitutions(own.substitutions))
    also = {event.identity: others for event, others in substitutions}
    told = map(without_markup, (*events, *(event for event, _ in substitutions)))
    return Reading(tuple(told), tuple(unread), also=also)


def _is_left_out(record: Interruption) -> bool:
    late = record.omschrijving.casefold().startswith("te laat")
    return late or record.code.lstrip("0") == _ANOTHER_POST


def _absence(record: Interruption) -> str:
    part, hours = _part(record), _hours(record)
    words = (record.begindatum.isoformat(), record.code, part or "", "" if hours is None else f"{hours:g}")
    return " ".join(filter(None, words))


def _keys(records: Iterable[Interruption]) -> list[str]:
    return sorted({record.do_id for record in records} - {""})


def _without_part(record: Interruption) -> tuple[str, ...]:
    """The beginning of what an earlier version called an absence, whatever part of the day it takes."""
    return (f"{record.begindatum} {record.code}",) if record.code else ()


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
    """The hours of a strike; `None` if they are not given."""
    return record.staking_uren or None if _part(record) is DayPart.HOURS else None


def _assignment(item: Assignment) -> Event:
    return Event(
        item.id,
        Kind.ASSIGNMENT,
        _days(item.begindatum, item.einddatum),
        title=item.vak or item.ambt,
        subject=item.vak,
        label=item.ambt if item.vak else "",
        groups=_classes(item),
        locations=(item.vestiging,) if item.vestiging else (),
        hours=item.prestatie_uren,
        full_hours=item.prestatie_noemer or None,
    )


def _classes(item: Assignment) -> tuple[str, ...]:
    """For whom it is, in the words of a school."""
    year = item.leerjaar and f"{item.leerjaar}e leerjaar"
    grade = item.graad and f"{item.graad}e graad"
    classes = " ".join(filter(None, (year or grade, item.onderwijsvorm.strip("-"))))
    return (classes,) if classes else ()


def _substitutions(substitutions: Iterable[Substitution]) -> Iterator[tuple[Event, tuple[str, ...]]]:
    """The substitutions, each with the other identities under which it may be stored."""
    replaced: dict[str, list[Substitution]] = defaultdict(list)
    for one in substitutions:
        replaced[one.person_id].append(one)
    taken: set[str] = set()
    for person, found in replaced.items():
        for days in _outermost({one.days for one in found}):
            within = [one for one in found if days.start <= one.days.start and one.days.end <= days.end]
            names = [f"{person} {key}" for key in sorted({one.do_id for one in within})]
            identity = names[0] if names[0] not in taken else f"{names[0]} {days.start}"
            taken.add(identity)
            others = (*(name for name in names if name not in taken), f"{person} {days.start}")
            yield _substitution(identity, days, within), others


def _substitution(identity: str, days: AllDay, found: Sequence[Substitution]) -> Event:
    """A substitution in all assignments that run within its days."""
    work = {one.assignment.id: one.assignment for one in found}.values()
    hours = [item.prestatie_uren for item in work if item.prestatie_uren is not None]
    return Event(
        identity,
        Kind.SUBSTITUTION,
        days,
        title="",
        subject=", ".join(_each(item.vak for item in work)),
        label=", ".join(_each(item.ambt for item in work)),
        groups=_each(name for item in work for name in _classes(item)),
        locations=_each(item.vestiging for item in work),
        hours=sum(hours) if hours else None,
        colleague=found[0].colleague,
    )


def _each(names: Iterable[str]) -> tuple[str, ...]:
    """Each name once, in order."""
    return tuple(sorted({name for name in names if name}))


def _outermost(spans: Iterable[AllDay]) -> Iterator[AllDay]:
    """The spans that are not within another, sorted."""
    latest = date.min
    for days in sorted(spans, key=lambda span: (span.start, -span.end.toordinal())):
        if days.end > latest:
            yield days
            latest = days.end


def _days(first: date, last: date) -> AllDay:
    """Whole days from `first` up to and including `last`."""
    return AllDay(first, last + _DAY)
