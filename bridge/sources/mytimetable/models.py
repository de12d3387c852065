"""MyTimetable's words, as far as they are read. Everything may be null; what is unknown is ignored."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bridge.model import clean_line, clean_text

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS = range(1900, 2201)
_NAMES = ("name", "description", "key", "id")


def _moment(value: object) -> datetime:
    """Milliseconds since 1970, as a number or as digits, in UTC to the second."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("a moment is a number of milliseconds")  # noqa: TRY004 - pydantic takes ValueError
    moment = _EPOCH + timedelta(seconds=int(value) // 1000)
    if moment.year not in _YEARS:
        raise ValueError("no timetable reaches that far")
    return moment


def _optional_moment(value: object) -> datetime | None:
    return None if value is None else _moment(value)


def _scalar(value: object) -> str:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _line(value: object) -> str:
    return clean_line(_scalar(value))


def _lines(value: object) -> str:
    return clean_text(_scalar(value))


def _name(value: object) -> str:
    if isinstance(value, dict):
        return next((name for key in _NAMES if (name := _line(value.get(key)))), "")
    return _line(value)


def _names(value: object) -> tuple[str, ...]:
    """The names in a list of texts or objects, each once, in order."""
    items = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(filter(None, map(_name, items))))


def _flag(value: object) -> bool:
    return value is True or str(value).strip().lower() in {"true", "1"}


def _object(value: object) -> object:
    return value if isinstance(value, dict) else {"description": value}


Moment = Annotated[datetime, BeforeValidator(_moment)]
OptionalMoment = Annotated[datetime | None, BeforeValidator(_optional_moment)]
Line = Annotated[str, BeforeValidator(_line)]
Lines = Annotated[str, BeforeValidator(_lines)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
Flag = Annotated[bool, BeforeValidator(_flag)]


class Tolerant(BaseModel):
    """An object of theirs."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class EventType(Tolerant):
    """`eventType`, since MyTimetable 3.4; `description` is in the language that was asked for."""

    id: Line = ""
    description: Line = ""


class TimetableEvent(Tolerant):
    """An Event of /timetable and /timetables/{key} ("Data structure" in their document)."""

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
    locations: Names = ()
    student_sets: Names = Field((), alias="studentSets")
    notes: Lines = ""
    notes2: Lines = ""
    notes3: Lines = ""
    conference_url: Line = Field("", alias="conferenceUrl")
    filtered: Flag = False
    draft: Flag = False

    @property
    def label(self) -> str:
        """The type in words for a person; the older properties where there is no `eventType`."""
        return self.event_type.description or self.type_description or self.type_name
