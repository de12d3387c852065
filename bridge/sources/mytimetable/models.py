"""The fields of MyTimetable that are used. All may be null; unknown ones are ignored."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, InstanceOf

from bridge.model.event import Link
from bridge.upstream.fields import Flag, Line, Text, Tolerant, as_line

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS = range(1900, 2201)
_FOREVER = (datetime(_YEARS.stop, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)
_NAMES = ("name", "description", "key", "id")


def _moment(value: object) -> datetime:
    """Parse milliseconds since 1970, a number or digits, in UTC to the second."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("a moment is a number of milliseconds")  # noqa: TRY004 - pydantic takes ValueError
    moment = _EPOCH + timedelta(seconds=int(value) // 1000)
    if moment.year not in _YEARS:
        raise ValueError("no timetable reaches that far")
    return moment


def _optional_moment(value: object) -> datetime | None:
    return None if value is None else _moment(value)


def _expiry(value: object) -> datetime | None:
    """A moment; `None` for one beyond all timetables."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= _FOREVER:
        return None
    return _optional_moment(value)


def _name(value: object) -> str:
    if isinstance(value, dict):
        return next((name for key in _NAMES if (name := as_line(value.get(key)))), "")
    return as_line(value)


def _names(value: object) -> tuple[str, ...]:
    """The names in a list of texts or objects, each once, in order."""
    items = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(filter(None, map(_name, items))))


def _links(value: object) -> tuple[Link, ...]:
    """The names in a list of texts or objects, each once, in order, with its page and that where it is booked.

    A name without addresses has one that is empty.
    """
    items = value if isinstance(value, list) else [value]
    named: dict[str, list[str]] = {}
    for item in items:
        told = item if isinstance(item, dict) else {}
        addresses = [address for field in ("url", "bookUrl") if (address := as_line(told.get(field)))]
        named.setdefault(_name(item), []).extend(addresses)
    return tuple(Link(name, address) for name, found in named.items() if name for address in found or [""])


def _enabled(value: object) -> bool:
    return value is not False and str(value).strip().lower() not in {"false", "0"}


def _object(value: object) -> object:
    return value if isinstance(value, dict) else {"description": value}


def _group(value: object) -> str:
    return as_line(value.get("id")) if isinstance(value, dict) else as_line(value)


def _ids(value: object) -> tuple[str, ...]:
    return tuple(sorted(filter(None, map(_group, value)))) if isinstance(value, list) else ()


def _weight(value: object) -> int:
    return value if isinstance(value, int) else 0


def _list(value: object) -> object:
    return [] if value is None else value


Moment = Annotated[datetime, BeforeValidator(_moment)]
OptionalMoment = Annotated[datetime | None, BeforeValidator(_optional_moment)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
Enabled = Annotated[bool, BeforeValidator(_enabled)]


class EventType(Tolerant):
    """`eventType`, since MyTimetable 3.4. `description` is in the requested language."""

    id: Line = ""
    description: Line = ""
    group: Annotated[str, BeforeValidator(_group)] = Field("", alias="eventTypeGroup")


class TimetableEvent(Tolerant):
    """An Event of /timetable and /timetables/{key} ("Data structure" in the documentation)."""

    id: Line = ""
    start: Moment = Field(alias="startDate")
    end: OptionalMoment = Field(None, alias="endDate")
    all_day: Flag = Field(default=False, alias="allDay")
    module: Line = Field("", alias="moduleCode")
    description: Line = Field("", alias="activityDescription")
    type_name: Line = Field("", alias="activityTypeName")
    type_description: Line = Field("", alias="activityTypeDescription")
    event_type: Annotated[EventType, BeforeValidator(_object)] = Field(default_factory=EventType, alias="eventType")
    staff: Names = Field((), alias="staffMembers")
    places: Annotated[tuple[InstanceOf[Link], ...], BeforeValidator(_links)] = Field((), alias="locations")
    student_sets: Names = Field((), alias="studentSets")
    notes: Text = ""
    notes2: Text = ""
    notes3: Text = ""
    conference_url: Line = Field("", alias="conferenceUrl")
    recording_url: Line = Field("", alias="recordingUrl")
    tags: Names = ()
    filtered: Flag = False
    draft: Flag = False
    keys: Names = Field((), alias="timetableKeys")

    @property
    def locations(self) -> tuple[str, ...]:
        """What the places are called."""
        return tuple(dict.fromkeys(place.name for place in self.places))

    @property
    def label(self) -> str:
        """The type for people; from older properties if there is no `eventType`."""
        return self.event_type.description or self.type_description or self.type_name


class Subscription(Tolerant):
    """An item of /subscriptions. It is enabled unless it says that it is not.

    `options` are the ids of the chosen options; without any, all are chosen.
    """

    key: Line
    description: Line = ""
    type: Line = ""
    enabled: Enabled = True
    removable: Enabled = True
    options: Annotated[tuple[str, ...], BeforeValidator(_ids)] = Field((), alias="enabledOptions")
    children: Annotated[tuple["Subscription", ...], BeforeValidator(_list)] = Field((), alias="childSubscriptions")

    @property
    def kind(self) -> str:
        """The type; before 3.0 from the key; empty if it is unknown."""
        _, _, rest = self.key.partition("!")
        return self.type or (rest.partition("!")[0] if "!" in rest else "")


class Option(Tolerant):
    """An item of /timetables/{key}/options, since MyTimetable 3.1."""

    id: Line
    name: Line = ""


class EventTypeGroup(Tolerant):
    """An item of /eventtypegroups, since MyTimetable 3.0."""

    id: Line
    filtered_for_sync: Flag = Field(default=False, alias="isFilteredForSync")


class Identified(Tolerant):
    """An item with an id."""

    id: Annotated[Line, Field(min_length=1)]


class Message(Identified):
    """An item of /user/messages, since MyTimetable 4.0. The body is Markdown. Unpublished ones are drafts.

    One that does not expire, or so late that no calendar reaches that far, stays.
    """

    title: Line = ""
    body: Text = ""
    published: OptionalMoment = Field(None, alias="publicationDate")
    expires: Annotated[datetime | None, BeforeValidator(_expiry)] = Field(None, alias="expirationDate")


class DateRange(Tolerant):
    """A part of a term: local midnights, with an exclusive end."""

    start: Moment = Field(alias="startDate")
    end: Moment = Field(alias="endDate")


class Term(Tolerant):
    """An item of /terms, since MyTimetable 3.4."""

    id: Annotated[Line, Field(min_length=1)]
    name: Line = ""
    ranges: Annotated[tuple[DateRange, ...], BeforeValidator(_list)] = Field((), alias="dateRanges")


class WeekLabelMap(Tolerant):
    """An item of /weeklabelmaps, since MyTimetable 2.7."""

    key: Line
    default: Flag = Field(default=False, alias="isDefault")


class WeekLabel(Tolerant):
    """The label of an ISO week in /weeklabelmaps/{key}."""

    year: int
    week: int
    description: Line = ""


class TimetableType(Tolerant):
    """An item of /timetabletypesdetails, since MyTimetable 3.0. `weight` orders the menus."""

    name: Line
    description: Line = ""
    weight: Annotated[int, BeforeValidator(_weight)] = 0


class Database(Tolerant):
    """An item of /databasedetails, since MyTimetable 3.1, such as `2015`, labelled `2015/2016`."""

    key: Line
    label: Line = ""


class Timetable(Tolerant):
    """An item of /timetables. `key` is that of /timetables/{key}."""

    key: Line = Field(alias="value")
    description: Line = ""
    host_key: Line = Field("", alias="hostKey")


class FilterOption(Tolerant):
    """A value of a filter of /timetablefilters."""

    value: Line
    name: Line = ""
    host_key: Line = Field("", alias="hostKey")


class TimetableFilter(Tolerant):
    """An item of /timetablefilters. `name` is the beginning of a `…Filter` parameter."""

    name: Line = Field(alias="type")
    options: Annotated[tuple[FilterOption, ...], BeforeValidator(_list)] = Field((), alias="option")


class User(Tolerant):
    """The answer of /user."""

    username: Line = ""
