"""Decide whether a calendar may be published."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import repeat, takewhile
from operator import eq

from bridge.calendar.lint.linter import lint
from bridge.calendar.lint.rules import Problem

Text = bytes | memoryview
_EVENT = b"\r\nBEGIN:VEVENT\r\n"
_EVENT_END = b"\r\nEND:VEVENT"
_END = b"\r\nEND:VCALENDAR\r\n"
_ZONES = b"\r\nBEGIN:VTIMEZONE\r\n"
_ZONE = re.compile(rb"\r\nTZID:([^\r]*)\r\n")
_LARGE = 1024 * 1024
_BATCH = 500
_MANY = 50  # for fewer, looking each up takes less than counting all
_NAMED = re.compile(rb"\r\nUID:(.*?)(?=\r\n)", re.DOTALL)
_UID = re.compile(rb"\r\nUID:([^\r]*)\r\n(?![ \t])")


def judge(calendar: bytes, judged: bytes = b"") -> Sequence[Problem]:
    """The problems of a calendar, as `bridge.calendar.lint` finds them.

    Args:
        calendar: the calendar to publish.
        judged: a calendar without problems. Its events are not checked again, only whether they still fit the rest.
    """
    known = _parts(judged)
    del judged  # each copy of a large calendar counts
    pieces = _pieces_to_check(calendar, *known)
    return lint(calendar) if pieces is None or any(map(lint, pieces)) else ()


def _pieces_to_check(calendar: bytes, judged_frame: bytes, judged: Sequence[Text]) -> Iterable[bytes] | None:
    """Calendars with the frame of `calendar` and the events that `judged` lacks; `None` if the others matter too.

    If they have no problems, `calendar` has none. Each is small: checking a large calendar takes ten times its size.
    """
    frame, events = _parts(calendar)
    if _zones(frame) != _zones(judged_frame):
        return None
    new, kept = _divide(events, judged)
    if not _are_named_once(new, calendar):
        return None
    zones = [next((event for event in (*kept, *new) if _uses(event, zone)), None) for zone in _ZONE.findall(frame)]
    in_use = dict.fromkeys(filter(None, zones))  # a zone that no event uses is a problem
    batches = [new[start : start + _BATCH] for start in range(0, len(new), _BATCH)] or [[]]
    return (_EVENT.join([frame, *map(bytes, dict.fromkeys((*batch, *in_use)))]) + _END for batch in batches)


def _divide(events: Sequence[Text], judged: Sequence[Text]) -> tuple[list[Text], list[Text]]:
    """The new events, and those that were judged, each at most as often as it was then.

    Most are at the same place, counted from the beginning or the end. Comparing these takes a tenth of hashing them.
    """
    first = sum(takewhile(bool, map(eq, events, judged)))
    last = sum(takewhile(bool, map(eq, reversed(events[first:]), reversed(judged[first:]))))
    new: list[Text] = []
    kept = [*events[:first], *events[len(events) - last :]]
    known = Counter(judged[first : len(judged) - last])
    for event in events[first : len(events) - last]:
        known[event] -= 1
        (new if known[event] < 0 else kept).append(event)
    return new, kept


def _parts(calendar: bytes) -> tuple[bytes, list[Text]]:
    """The part before the events, and the events; without events if something is between them."""
    if len(calendar) > _LARGE:
        return _parts_in_place(calendar)
    frame, *events = calendar.removesuffix(_END).split(_EVENT)
    if not calendar.endswith(_END) or not all(map(bytes.endswith, events, repeat(_EVENT_END))):
        return calendar, []
    return frame, [*events]


def _parts_in_place(calendar: bytes) -> tuple[bytes, list[Text]]:
    """The same without a copy of each event, which takes longer to compare."""
    begins = [found.start() for found in re.finditer(_EVENT, calendar)]
    ends = [*begins[1:], len(calendar) - len(_END)]
    whole = all(calendar.startswith(_EVENT_END, end - len(_EVENT_END)) for end in ends)
    if not begins or not calendar.endswith(_END) or not whole:
        return calendar, []
    view = memoryview(calendar)
    return calendar[: begins[0]], [view[begin + len(_EVENT) : end] for begin, end in zip(begins, ends, strict=True)]


def _zones(frame: bytes) -> bytes:
    return frame[frame.find(_ZONES) :] if _ZONES in frame else b""


def _uses(event: Text, zone: bytes) -> bool:
    return b";TZID=%b:" % zone in bytes(event)


def _are_named_once(events: Sequence[Text], calendar: bytes) -> bool:
    """Whether each of these events, and each alarm in them, has a UID that occurs once in the calendar."""
    uids: list[bytes] = []
    lines = 0
    for event in events:
        text = _EVENT + bytes(event)
        lines += text.count(b"\r\nUID")
        uids += _UID.findall(text)
    if not len(events) <= len(uids) == lines:
        return False
    if len(uids) < _MANY:
        return all(calendar.count(b"\r\nUID:%b\r\n" % uid) == 1 for uid in uids)
    found = Counter(named[1] for named in _NAMED.finditer(calendar))
    return all(found[uid] == 1 for uid in uids)
