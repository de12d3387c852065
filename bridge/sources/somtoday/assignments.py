"""What the three lists of homework say, of a lesson, a day or weeks."""

from typing import Any, ClassVar

from pydantic import TypeAdapter

from bridge.sources.somtoday.models import shown
from bridge.sources.somtoday.tolerant import Linked, Named, Pupils, Subject, Text, Tolerant, line_of, text_of

TIED, OF_DAY, OF_WEEK = "afspraaktoekenningen", "dagtoekenningen", "weektoekenningen"
_NUMBER = TypeAdapter(int | None)
_FLAG = TypeAdapter(bool | None)


class SchoolYear(Tolerant, frozen=True):
    """RSchooljaar."""

    vanaf_datum: Text = None

    @property
    def start(self) -> str:
        """The first day, as written."""
        return text_of(self.vanaf_datum)


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
        return line_of(self.onderwerp)

    @property
    def sort(self) -> str:
        """The sort, such as `GROTE_TOETS`."""
        return text_of(self.huiswerk_type)

    @property
    def description(self) -> str:
        """The description in HTML."""
        return text_of(self.omschrijving)

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
        return text_of(self.datum_tijd)

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
