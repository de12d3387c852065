"""Changes in words: `wijzigingOmschrijving` and the messages of the app."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bridge.model.event import Before, Timed
from bridge.sources.somtoday.entries import ScheduleItem

_CALLED_OFF = "4007"
_ORDINARY = {"", "2002"}
_CANCELLED = re.compile(
    r"\b(?:(?:de|deze)\s+)?(?:les(?:sen)?\s+)?(?:is\s+)?"
    r"(?:vervalt|vervallen|valt\s+uit|uitval|uitgevallen|geannuleerd|afgelast|afgezegd|ingetrokken|geschrapt|gaat\s+niet\s+door)\b(?!\s+niet)",
    re.IGNORECASE,
)
_DAYS = ("ma", "di", "wo", "do", "vr", "za", "zo")
_MONTHS = ("jan", "feb", "maa|mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
_MOMENT = re.compile(
    r"(?:(?P<weekday>ma|di|wo|do|vr|za|zo)[a-z]{0,7}\.?\s+)?"
    r"(?:(?P<day>\d{1,2})(?:\s*[-/]\s*|\s+)"
    rf"(?:(?P<month>\d{{1,2}})\b|(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?)(?:[-/\s]+(?P<year>\d{{4}}))?\s+)?"
    r"(?:om\s+)?(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:\s*u(?:ur)?\b\.?)?",
    re.IGNORECASE,
)
_CAME_FROM = re.compile(
    r"\(?\b(?:komt\s+van|kwam\s+van|verplaatst\s+van|was|van):?\s+(?P<old>[^();]+)\)?", re.IGNORECASE
)
_FILLERS = re.compile(
    r"\b(?:de|deze|het|les|is|zijn|wordt|verplaatst|verschoven|verzet|gewijzigd|wijziging|gewisseld|veranderd|ander|"
    r"andere|nieuw|nieuwe|lokaal|lokalen|lokaalwijziging|lokaalwissel|ruimte|zaal|docent|docenten|docentwijziging|"
    r"docentwissel|tijd|tijdstip|en)\b",
    re.IGNORECASE,
)
_TEACHER = re.compile(r"\b(?:docent|leraar|lerares)", re.IGNORECASE)
_PLACE = re.compile(r"\b(?:lokaal|lokalen|ruimte|zaal)", re.IGNORECASE)
_DESTINATION = re.compile(r"\s+(?:naar|wordt|nu)\b.*$", re.IGNORECASE | re.DOTALL)
_AND = re.compile(r"\s*[,/]\s*|\s+en\s+", re.IGNORECASE)
_LONGEST_NAME = 40


def is_called_off(status: str) -> bool:
    """Whether a status such as `AFGELAST` says that something does not take place."""
    return _CANCELLED.fullmatch(status.replace("_", " ").strip()) is not None


@dataclass(frozen=True, slots=True)
class Change:
    """What an item was before.

    `reason` is why it is cancelled. `words` is the text if some of it was not understood.
    """

    cancelled: bool = False
    before: Before | None = None
    words: str = ""
    reason: str = ""


_NO_CHANGE = Change()


def read_change(item: ScheduleItem, when: Timed, zone: ZoneInfo) -> Change:
    """The change of `item`, which is at `when` now."""
    if not item.wijziging_omschrijving and not item.status_notifications and (item.status or "") in _ORDINARY:
        return _NO_CHANGE
    described = " ".join(item.change.split())
    messages = [message for told in item.messages if (message := " ".join(told.split()))]
    statuses = {status.strip() for status in item.statuses}
    cancelled = _CALLED_OFF in statuses or any(_CANCELLED.search(text) for text in (described, *messages))
    words = [text for text in dict.fromkeys((described, *messages)) if text]
    before: Before | None = None
    unclear = []
    for text in words:
        found, understood = _before(_CANCELLED.sub("", text) if cancelled else text, item, when, zone)
        before = _joined(before, found)
        if not understood:
            unclear.append(text)
    reason = "; ".join(map(_reason, unclear)) if cancelled else ""
    if cancelled:
        unclear = []
    if not words and (unknown := sorted(statuses - _ORDINARY - {_CALLED_OFF})):
        unclear.append(f"Status: {', '.join(unknown)}")
    return Change(cancelled, before, "\n".join(unclear), reason)


def _reason(text: str) -> str:
    """Why something is cancelled: what follows the words that say so, or all of a text that begins otherwise."""
    called_off = _CANCELLED.match(text)
    if called_off is None:
        return text
    rest = text[called_off.end() :].strip(" .,:;-")
    return rest[1:-1] if rest.startswith("(") and rest.find(")") == len(rest) - 1 else rest


def _before(text: str, item: ScheduleItem, when: Timed, zone: ZoneInfo) -> tuple[Before | None, bool]:
    """What the item was according to a text, and whether the whole text was understood."""
    before: Before | None = None
    rest = text
    understood = True
    for clause in re.split(r"(?<=[.;])\s+|,\s+(?=(?:docent|lokaal|de les)\b)", text, flags=re.IGNORECASE):
        match = _CAME_FROM.search(clause)
        if match is None:
            continue
        found = _old(match["old"].strip(" .:,"), clause[: match.start()], item, when, zone)
        understood = understood and found is not None
        before = _joined(before, found)
        rest = rest.replace(match[0], " ", 1)
    return before, understood and not re.search(r"\w", _FILLERS.sub(" ", rest))


def _old(old: str, context: str, item: ScheduleItem, when: Timed, zone: ZoneInfo) -> Before | None:
    """What it was: a moment, rooms or teachers; `None` if that is not clear."""
    if moment := _MOMENT.fullmatch(old):
        start = _start(moment, when.start.astimezone(zone), zone)
        return None if start is None or start == when.start else Before(when=_at(start, when))
    names = tuple(name for name in _AND.split(_DESTINATION.sub("", old)) if name)
    names = tuple(re.sub(r"^(?:lokaal|ruimte|zaal|docent)\s+", "", name, flags=re.IGNORECASE) for name in names)
    if not names or any(len(name) > _LONGEST_NAME or not re.search(r"\w", name) for name in names):
        return None
    if _TEACHER.search(context):
        return Before(teachers=names)
    if re.search(r"\b(?:uur|lesuur|u)\b", old, re.IGNORECASE) or names == (item.location,):
        return None
    return Before(locations=names) if _PLACE.search(context) or all(" " not in name for name in names) else None


def _at(start: datetime, when: Timed) -> Timed:
    return Timed(start, start + (when.end - when.start), when.zone)


def _start(match: re.Match[str], now: datetime, zone: ZoneInfo) -> datetime | None:
    """The moment in a text, in UTC. A weekday is in the same week as `now`, in `zone`."""
    try:
        clock = time(int(match["hour"]), int(match["minute"]))
        local = datetime.combine(_named_day(match, now.date()), clock, zone)
    except (ValueError, OverflowError):
        return None
    return local.astimezone(UTC)


def _named_day(match: re.Match[str], now: date) -> date:
    if match["day"]:
        month = int(match["month"]) if match["month"] else _month(match["name"])
        years = [int(match["year"])] if match["year"] else [now.year - 1, now.year, now.year + 1]
        return min(_days(years, month, int(match["day"])), key=lambda found: abs(found - now))
    if match["weekday"]:
        return now + timedelta(days=_DAYS.index(match["weekday"].lower()) - now.weekday())
    return now


def _days(years: Sequence[int], month: int, day: int) -> list[date]:
    """The day in each of the years that have it. Raises ValueError if none has."""
    found = []
    for year in years:
        try:
            found.append(date(year, month, day))
        except ValueError:
            continue
    if not found:
        raise ValueError("there is no such day")
    return found


def _month(name: str) -> int:
    matching = (number for number, month in enumerate(_MONTHS, 1) if re.match(month, name, re.IGNORECASE))
    return next(matching)


def _joined(one: Before | None, other: Before | None) -> Before | None:
    if one is None or other is None:
        return one or other
    return Before(one.when or other.when, one.locations or other.locations, one.teachers or other.teachers)
