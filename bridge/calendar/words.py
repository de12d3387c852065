"""The words that Roosterbridge itself puts into a calendar, in the languages of its readers.

The messages are in English here. Other languages are gettext catalogues, `locale/LANGUAGE/LC_MESSAGES/feeds.po`, which
are read once and need not be compiled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from gettext import NullTranslations
from typing import Literal, get_args

from babel import Locale
from babel.numbers import format_decimal

from bridge.model.catalogue import read_catalogue
from bridge.model.event import DayPart, Kind

Language = Literal["nl", "en", "fr"]
LANGUAGES: tuple[str, ...] = get_args(Language)
_DATES_AS_IN = {"en": "en_GB"}


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a language. A prefix of a title includes its separator; `{}` stands for a value."""

    language: str
    cancelled: str
    is_cancelled: str
    cancelled_because: str
    moved: str
    changed: str
    due: str
    cleared: str
    absent: str
    reported: str
    busy: str
    homework: str
    replaces: str
    replaced_by: str
    was: str
    room_was: str
    teacher_was: str
    title_was: str
    within: str
    lasts: str
    task: str
    test: str
    title: str
    sort: str
    post: str
    teacher: str
    group: str
    period: str
    week: str
    load: str
    subject: str
    lesson: str
    weekly_check_in: str
    mood: str
    projects: str
    uncovered: str
    code: str
    online: str
    recording: str
    opens: str
    stands_still: str
    nothing_new_since: str
    log_in_again: str
    ask_who_keeps_it: str
    day_parts: Mapping[DayPart, str]
    kinds: Mapping[Kind, str]
    catalogue: NullTranslations

    @property
    def locale(self) -> str:
        """The CLDR locale for dates and numbers."""
        return _DATES_AS_IN.get(self.language, self.language)

    def figure(self, value: float) -> str:
        """A number as written in this language."""
        return str(format_decimal(Decimal(str(value)), locale=self.locale))

    def hours(self, value: float) -> str:
        """A number of hours, in words."""
        return self.catalogue.ngettext("{} hour", "{} hours", self._number(value)).format(self.figure(value))

    def weekly_hours(self, value: float) -> str:
        """A number of hours of each week, in words."""
        told = self.catalogue.ngettext("{} hour a week", "{} hours a week", self._number(value))
        return told.format(self.figure(value))

    def _number(self, value: float) -> int:
        """A number of the same grammatical number."""
        return 1 if Locale.parse(self.locale).plural_form(Decimal(str(value))) == "one" else 2


@lru_cache(maxsize=len(LANGUAGES))
def words_of(language: str) -> Words:
    """The words of one of `LANGUAGES`."""
    catalogue = read_catalogue("bridge.calendar", "feeds", language)
    _ = catalogue.gettext
    pgettext = catalogue.pgettext
    return Words(
        language=language,
        cancelled=_("Cancelled: "),
        is_cancelled=_("Cancelled."),
        cancelled_because=_("Cancelled: {}"),
        moved=_("Moved: "),
        changed=_("Changed: "),
        due=_("To do: "),
        cleared=_("Holiday: "),
        absent=_("Absent"),
        reported=_("reported"),
        busy=_("Busy"),
        homework=_("homework"),
        replaces=_("Replaces {}"),
        replaced_by=_("Replaced by {}"),
        was=_("Was: {}"),
        room_was=_("Room was: {}"),
        teacher_was=_("Teacher was: {}"),
        title_was=_("Title was: {}"),
        within=_("Falls in: {}"),
        lasts=_("From {} to {}"),
        task=_("Homework: {}"),
        test=_("Exam: {}"),
        title=_("Title: {}"),
        sort=_("Type: {}"),
        post=_("Post: {}"),
        teacher=_("Teacher: {}"),
        group=_("Group: {}"),
        period=_("Period: {}"),
        week=_("Week: {}"),
        load=_("Hours: {}"),
        subject=_("Subject: {}"),
        lesson=_("Lesson: {}"),
        weekly_check_in=_("Weekly check-in"),
        mood=_("Mood: {}"),
        projects=_("Projects: {}"),
        uncovered=_("Not covered: {}"),
        code=_("Code: {}"),
        online=_("Online"),
        recording=_("Recording"),
        opens=_("{}:"),
        stands_still=_("{} stands still"),
        nothing_new_since=_("Nothing new has come since {}."),
        log_in_again=_("Log in again, or ask who looks after this calendar."),
        ask_who_keeps_it=_("The school cannot be read; whoever looks after this calendar can see why."),
        day_parts={DayPart.MORNING: _("morning"), DayPart.AFTERNOON: _("afternoon")},
        kinds={
            Kind.LESSON: pgettext("kind", "Lesson"),
            Kind.EXAM: pgettext("kind", "Exam"),
            Kind.HOMEWORK: pgettext("kind", "Homework"),
            Kind.ABSENCE: pgettext("kind", "Absence"),
            Kind.HOLIDAY: pgettext("kind", "Holiday"),
            Kind.INTERRUPTION: pgettext("kind", "Interruption"),
            Kind.SUBSTITUTION: pgettext("kind", "Substitution"),
            Kind.ASSIGNMENT: pgettext("kind", "Assignment"),
            Kind.CHECKIN: pgettext("kind", "Check-in"),
            Kind.NOTICE: pgettext("kind", "Notice"),
        },
        catalogue=catalogue,
    )
