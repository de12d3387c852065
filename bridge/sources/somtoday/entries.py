"""What the two timetables say: appointments, and the items of a week."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import field
from pydantic import TypeAdapter

from bridge.sources.somtoday.models import key_text, lesson_hour
from bridge.sources.somtoday.tolerant import Linked, Named, Pupils, Subject, Text, Tolerant, line_of, prose_of, text_of

_DATETIME = TypeAdapter(datetime)


class AppointmentType(Named, frozen=True):
    """RAfspraakType."""

    omschrijving: Text = None
    categorie: Text = None

    @property
    def words(self) -> tuple[str, str, str]:
        """The name, the description and the category; empty where there is none."""
        return self.name, line_of(self.omschrijving), line_of(self.categorie)


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
    lost: tuple[str, ...] = field(default=(), name="~lost")

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
        return line_of(self.locatie)

    @property
    def title(self) -> str:
        """The title."""
        return line_of(self.titel)

    @property
    def description(self) -> str:
        """The description, of several lines."""
        return prose_of(self.omschrijving)


class Appointment(Entry, frozen=True, kw_only=True):
    """RAfspraak: GET /rest/v1/afspraken."""

    additional_objects: AppointmentExtras | None = None
    afspraak_type: AppointmentType | None = None
    afspraak_status: Text = None

    @property
    def status(self) -> str:
        """The status; empty if there is none."""
        return text_of(self.afspraak_status)


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
        return text_of(self.afspraak_item_type)

    @property
    def teachers(self) -> str | Sequence[str]:
        """The teachers, in one text or each in one."""
        return _names(self.docent_namen)

    @property
    def change(self) -> str:
        """What has changed, in words."""
        return prose_of(self.wijziging_omschrijving)

    @property
    def statuses(self) -> tuple[str, ...]:
        """Its own status, and those of the messages about it."""
        return (text_of(self.status), *(text_of(note.status) for note in self.status_notifications or ()))

    @property
    def messages(self) -> tuple[str, ...]:
        """The messages of the app."""
        return tuple(prose_of(note.message) for note in self.status_notifications or ())


def _names(value: Names) -> str | Sequence[str]:
    return [line_of(name) for name in value if name is not None] if isinstance(value, list) else line_of(value)


def read_moment(text: str) -> datetime:
    """A moment as written, with or without an offset. Raises ValueError."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return _DATETIME.validate_python(text)
