"""What the timetable and the homework lists say, by far the biggest answers of SOMtoday.

Only the fields that are used are decoded, under their own words; the properties are what they mean. All but the moments
may be missing, and a text may be a number.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar

from msgspec import Struct
from pydantic import TypeAdapter

from bridge.sources.somtoday.models import key_text, lesson_hour, own_key, shown
from bridge.upstream.markup import heading, plain

Text = str | int | float | None
_SHORT = 100
TIED, OF_DAY, OF_WEEK = "afspraaktoekenningen", "dagtoekenningen", "weektoekenningen"
_DATETIME = TypeAdapter(datetime)
_NUMBER = TypeAdapter(int | None)
_FLAG = TypeAdapter(bool | None)


class Tolerant(Struct, frozen=True, gc=False, rename="camel"):
    """An object of SOMtoday."""


class Link(Tolerant, frozen=True):
    """A link of an object, with its id."""

    rel: Any = None
    id: Any = None


class Linked(Tolerant, frozen=True):
    """An object with an id, which is a number or text and larger than 32 bits. It is empty if there is none."""

    links: list[Link] | None = None

    @property
    def key(self) -> str:
        """The id."""
        return own_key((link.rel, link.id) for link in self.links or ())


class Pupils(Tolerant, frozen=True):
    """A LinkableWrapper of pupils, of whom only the ids are read."""

    items: list[Linked] | None = None


class Named(Tolerant, frozen=True):
    """What has a name, such as RLesgroep."""

    naam: Text = None

    @property
    def name(self) -> str:
        """The name; empty if there is none."""
        return _line(self.naam)


class Subject(Named, frozen=True):
    """RVak."""

    afkorting: Text = None

    @property
    def code(self) -> str:
        """The abbreviation; empty if there is none."""
        return _line(self.afkorting)


class AppointmentType(Named, frozen=True):
    """RAfspraakType."""

    omschrijving: Text = None
    categorie: Text = None

    @property
    def words(self) -> tuple[str, str, str]:
        """The name, the description and the category; empty where there is none."""
        return self.name, _line(self.omschrijving), _line(self.categorie)


Names = str | int | float | list[Text] | None


class AppointmentExtras(Tolerant, frozen=True):
    """What `additional=vak`, `docentAfkortingen` and `leerlingen` add."""

    vak: Subject | None = None
    docent_afkortingen: Names = None
    leerlingen: Pupils | None = None

    @property
    def teachers(self) -> str | Sequence[str]:
        """The teachers, in one text or each in one."""
        return _names(self.docent_afkortingen)


class Entry(Linked, frozen=True, kw_only=True):
    """What both timetables say of an entry. The times of one have an offset, those of the other have none."""

    begin_datum_tijd: str
    eind_datum_tijd: str
    begin_lesuur: Any = None
    eind_lesuur: Any = None
    locatie: Text = None
    titel: Text = None
    omschrijving: Text = None
    vestiging: Any = None

    @property
    def first_period(self) -> int | None:
        """The first lesson hour."""
        return lesson_hour(self.begin_lesuur)

    @property
    def last_period(self) -> int | None:
        """The last lesson hour, inclusive."""
        return lesson_hour(self.eind_lesuur)

    @property
    def location(self) -> str:
        """The room."""
        return _line(self.locatie)

    @property
    def title(self) -> str:
        """The title."""
        return _line(self.titel)

    @property
    def description(self) -> str:
        """The description, of several lines."""
        return _prose(self.omschrijving)


class Appointment(Entry, frozen=True, kw_only=True):
    """RAfspraak: GET /rest/v1/afspraken."""

    additional_objects: AppointmentExtras | None = None
    afspraak_type: AppointmentType | None = None
    afspraak_status: Text = None

    @property
    def status(self) -> str:
        """The status; empty if there is none."""
        return _text(self.afspraak_status)


class Notification(Tolerant, frozen=True):
    """A message of the app about an item."""

    status: Text = None
    message: Text = None


class ScheduleItem(Entry, frozen=True, kw_only=True):
    """RAfspraakItem: GET /rest/v1/afspraakitems/{id}/jaar/{year}/week/{week}. Its times have no offset."""

    unique_identifier: Any = None
    afspraak_item_type: Text = None
    vak: Subject | None = None
    docent_namen: Names = None
    lesgroepen: list[Named] | None = None
    status: Text = None
    wijziging_omschrijving: Text = None
    status_notifications: list[Notification] | None = None

    @property
    def unique(self) -> str:
        """The id that /afspraken has too."""
        return key_text(self.unique_identifier)

    @property
    def sort(self) -> str:
        """The sort, such as `ROOSTERTOETS`."""
        return _text(self.afspraak_item_type)

    @property
    def teachers(self) -> str | Sequence[str]:
        """The teachers, in one text or each in one."""
        return _names(self.docent_namen)

    @property
    def change(self) -> str:
        """What has changed, in words."""
        return _prose(self.wijziging_omschrijving)

    @property
    def statuses(self) -> tuple[str, ...]:
        """Its own status, and those of the messages about it."""
        return (_text(self.status), *(_text(note.status) for note in self.status_notifications or ()))

    @property
    def messages(self) -> tuple[str, ...]:
        """The messages of the app."""
        return tuple(_prose(note.message) for note in self.status_notifications or ())


class SchoolYear(Tolerant, frozen=True):
    """RSchooljaar."""

    vanaf_datum: Text = None

    @property
    def start(self) -> str:
        """The first day, as written."""
        return _text(self.vanaf_datum)


class TaughtGroup(Named, frozen=True):
    """RLesgroep with its subject and school year."""

    vak: Subject | None = None
    schooljaar: SchoolYear | None = None


class StudyItem(Tolerant, frozen=True):
    """RStudiewijzerItem: what is to be done. `omschrijving` is HTML."""

    onderwerp: Text = None
    huiswerk_type: Text = None
    omschrijving: Text = None
    tonen: Any = True

    @property
    def topic(self) -> str:
        """The topic; empty if there is none."""
        return _line(self.onderwerp)

    @property
    def sort(self) -> str:
        """The sort, such as `GROTE_TOETS`."""
        return _text(self.huiswerk_type)

    @property
    def description(self) -> str:
        """The description in HTML."""
        return _text(self.omschrijving)

    @property
    def is_shown(self) -> bool:
        """Whether pupils may see it."""
        return shown(self.tonen)


class Tick(Tolerant, frozen=True):
    """RSWIGemaakt: a pupil who has done it."""

    leerling: Linked | None = None
    gemaakt: Any = None

    def __post_init__(self) -> None:
        """Refuse what is no flag, so that its item stays as it was."""
        _FLAG.validate_python(self.gemaakt)

    @property
    def is_done(self) -> bool:
        """Whether the pupil has done it."""
        return bool(_FLAG.validate_python(self.gemaakt))


class Ticks(Tolerant, frozen=True):
    """A LinkableWrapper of ticks."""

    items: list[Tick] | None = None


class AssignmentExtras(Tolerant, frozen=True):
    """What `additional=swigemaaktVinkjes`, `leerlingen` and `lesgroep` add."""

    swigemaakt_vinkjes: Ticks | None = None
    leerlingen: Pupils | None = None
    lesgroep: TaughtGroup | None = None


class Assignment(Linked, frozen=True):
    """Homework for a lesson, a day or weeks. `listed` is the name of its list."""

    listed: ClassVar[str]

    additional_objects: AssignmentExtras | None = None
    studiewijzer_item: StudyItem | None = None
    lesgroep: TaughtGroup | None = None
    datum_tijd: Text = None
    weeknummer_vanaf: Any = None
    weeknummer_tm: Any = None

    @property
    def moment(self) -> str:
        """Its moment or day, as written."""
        return _text(self.datum_tijd)

    @property
    def first_week(self) -> int | None:
        """The number of its first week. Raises ValueError."""
        return _NUMBER.validate_python(self.weeknummer_vanaf)

    @property
    def last_week(self) -> int | None:
        """The number of its last week, inclusive. Raises ValueError."""
        return _NUMBER.validate_python(self.weeknummer_tm)


class LessonAssignment(Assignment, frozen=True):
    """RSWIAfspraakToekenning."""

    listed = TIED


class DayAssignment(Assignment, frozen=True):
    """RSWIDagToekenning."""

    listed = OF_DAY


class WeekAssignment(Assignment, frozen=True):
    """RSWIWeekToekenning."""

    listed = OF_WEEK


def _text(value: Text) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _line(value: Text) -> str:
    """A text of one line, which may be written in HTML."""
    return heading(value) if isinstance(value, str) and len(value) > _SHORT else _short_line(value)


@lru_cache(maxsize=2048, typed=True)  # subjects, groups, teachers and rooms are the same all year; 1 and 1.0 are not
def _short_line(value: Text) -> str:
    return heading(text) if (text := _text(value)) else ""


def _prose(value: Text) -> str:
    """A text that may be written in HTML, with the addresses of its links."""
    return plain(text) if (text := _text(value)) else ""


def _names(value: Names) -> str | Sequence[str]:
    return [_line(name) for name in value if name is not None] if isinstance(value, list) else _line(value)


def read_moment(text: str) -> datetime:
    """A moment as written, with or without an offset. Raises ValueError."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return _DATETIME.validate_python(text)
