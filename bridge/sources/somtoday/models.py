"""The fields of SOMtoday that are used. All may be missing; unknown ones are ignored."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from bridge.sources.somtoday.markup import heading, plain


def _text_only(value: object) -> object:
    if value is not None and not isinstance(value, str):
        raise ValueError("a moment is written as text")
    return value


def _as_list(value: object) -> object:
    return [] if value is None else value


def _key(value: object) -> object:
    """An id as text, from a number or from text with leading zeros."""
    if type(value) is int:
        return str(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # numbers beyond 64 bits are parsed as floats
    text = str(value) if value is not None else ""
    return str(int(text)) if text.isdecimal() else text


def _own_key(links: object) -> object:
    """The id in the link with rel `self`, else in that with `koppeling`."""
    if links is not None and not isinstance(links, list):
        raise ValueError("links are a list")
    coupled: object = ""
    for link in links or ():
        if not isinstance(link, dict):
            raise ValueError("a link is an object")  # noqa: TRY004 - pydantic takes ValueError
        rel = link.get("rel")
        if rel == "self" and (key := _key(link.get("id"))):
            return key
        if rel == "koppeling":
            coupled = coupled or _key(link.get("id"))
    return coupled


def _period(value: object) -> object:
    """A lesson hour; `None` for what is not a number, so that the lesson can still be read."""
    text = str(value)
    return int(text) if not isinstance(value, bool) and text.isdecimal() and len(text) <= _DIGITS else None


def _as_object(value: object) -> object:
    return value if isinstance(value, dict) else None


def _names(value: object) -> object:
    return [name for name in value if name is not None] if isinstance(value, list) else value


def _plain_names(value: str | list[str] | None) -> str | list[str] | None:
    if isinstance(value, list):
        return [heading(name) for name in value]
    return heading(value) if value else value


def _shown(value: object) -> bool:
    return value is True or str(value).strip().lower() not in {"false", "0"}


def _offered(value: object) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get(str(value).strip().lower())


def _heading(value: str | None) -> str | None:
    return heading(value) if value else value


def _prose(value: str | None) -> str | None:
    return plain(value) if value else value


_DIGITS = 3
Moment = Annotated[datetime, BeforeValidator(_text_only)]
Key = Annotated[str, BeforeValidator(_key)]
Period = Annotated[int | None, BeforeValidator(_period)]
Shown = Annotated[bool, BeforeValidator(_shown)]
Offered = Annotated[bool | None, BeforeValidator(_offered)]
Words = Annotated[str | None, AfterValidator(_heading)]
"""A text of one line, which may be written in HTML."""
Prose = Annotated[str | None, AfterValidator(_prose)]
"""A text that may be written in HTML, with the addresses of its links."""
Names = Annotated[str | list[str] | None, BeforeValidator(_names), AfterValidator(_plain_names)]


class Tolerant(BaseModel):
    """An object of SOMtoday."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, frozen=True)


class Linked(Tolerant):
    """An object with an id, which is a number or text and larger than 32 bits. It is empty if there is none."""

    key: Annotated[str, BeforeValidator(_own_key)] = Field("", alias="links")


class Pupil(Linked):
    """RLeerling, RLeerlingPrimer."""

    leerlingnummer: str | None = None
    roepnaam: str | None = None


class Pupils(Tolerant):
    """A LinkableWrapper of pupils, of whom only the ids are read."""

    items: Annotated[tuple[Linked, ...], BeforeValidator(_as_list)] = ()


class Subject(Tolerant):
    """RVak."""

    afkorting: Words = None
    naam: Words = None


class AppointmentType(Tolerant):
    """RAfspraakType."""

    naam: Words = None
    omschrijving: Words = None
    categorie: Words = None


class AppointmentExtras(Tolerant):
    """What `additional=vak`, `docentAfkortingen` and `leerlingen` add."""

    vak: Subject | None = None
    docentAfkortingen: Names = None  # noqa: N815 - their word
    leerlingen: Pupils | None = None


class Site(Tolerant):
    """RVestiging: a branch of a school."""

    naam: Words = None


class Entry(Linked):
    """What both timetables say of an entry. The times of one have an offset, those of the other have none."""

    location: Words = Field(None, alias="locatie")
    start: Moment = Field(alias="beginDatumTijd")
    end: Moment = Field(alias="eindDatumTijd")
    first_period: Period = Field(None, alias="beginLesuur")
    last_period: Period = Field(None, alias="eindLesuur")
    title: Words = Field(None, alias="titel")
    description: Prose = Field(None, alias="omschrijving")
    site: Annotated[Site | None, BeforeValidator(_as_object)] = Field(None, alias="vestiging")


class Appointment(Entry):
    """RAfspraak: GET /rest/v1/afspraken."""

    additional: AppointmentExtras | None = Field(None, alias="additionalObjects")
    type: AppointmentType | None = Field(None, alias="afspraakType")
    status: str | None = Field(None, alias="afspraakStatus")


class LessonGroup(Tolerant):
    """RLesgroep, as in an appointment."""

    naam: Words = None


class Notification(Tolerant):
    """A message of the app about an item."""

    status: str | None = None
    message: Prose = None


class ScheduleItem(Entry):
    """RAfspraakItem: GET /rest/v1/afspraakitems/{id}/jaar/{year}/week/{week}. Its times have no offset."""

    unique: Key = Field("", alias="uniqueIdentifier")
    sort: str | None = Field(None, alias="afspraakItemType")
    subject: Subject | None = Field(None, alias="vak")
    teachers: Names = Field(None, alias="docentNamen")
    groups: Annotated[tuple[LessonGroup, ...], BeforeValidator(_as_list)] = Field((), alias="lesgroepen")
    status: str | None = None
    change: Prose = Field(None, alias="wijzigingOmschrijving")
    notifications: Annotated[tuple[Notification, ...], BeforeValidator(_as_list)] = Field(
        (), alias="statusNotifications"
    )


class SchoolYear(Tolerant):
    """RSchooljaar."""

    vanafDatum: str | None = None  # noqa: N815 - their word


class TaughtGroup(LessonGroup):
    """RLesgroep with its subject and school year."""

    vak: Subject | None = None
    schooljaar: SchoolYear | None = None


class StudyItem(Tolerant):
    """RStudiewijzerItem: what is to be done. `omschrijving` is HTML."""

    onderwerp: Words = None
    huiswerkType: str | None = None  # noqa: N815 - their word
    omschrijving: str | None = None
    tonen: Shown = True


class Tick(Tolerant):
    """RSWIGemaakt: a pupil who has done it."""

    leerling: Linked | None = None
    gemaakt: bool | None = None


class Ticks(Tolerant):
    """A LinkableWrapper of ticks."""

    items: Annotated[tuple[Tick, ...], BeforeValidator(_as_list)] = ()


class AssignmentExtras(Tolerant):
    """What `additional=swigemaaktVinkjes`, `leerlingen` and `lesgroep` add."""

    swigemaaktVinkjes: Ticks | None = None  # noqa: N815 - their word
    leerlingen: Pupils | None = None
    lesgroep: TaughtGroup | None = None


class Assignment(Linked):
    """RSWIAfspraakToekenning, RSWIDagToekenning, RSWIWeekToekenning: homework for a lesson, a day or weeks.

    `listed` is the name of its list.
    """

    listed: str = Field("", alias="list")
    additional: AssignmentExtras | None = Field(None, alias="additionalObjects")
    item: StudyItem | None = Field(None, alias="studiewijzerItem")
    group: TaughtGroup | None = Field(None, alias="lesgroep")
    moment: str | None = Field(None, alias="datumTijd")
    first_week: int | None = Field(None, alias="weeknummerVanaf")
    last_week: int | None = Field(None, alias="weeknummerTm")


class AbsenceReason(Tolerant):
    """RAbsentieReden."""

    absentieSoort: Words = None  # noqa: N815 - their word
    omschrijving: Prose = None


class AbsenceReport(Linked):
    """RAbsentieMelding: GET /rest/v1/absentiemeldingen."""

    pupil: Linked | None = Field(None, alias="leerling")
    reason: AbsenceReason | None = Field(None, alias="absentieReden")
    start: Moment = Field(alias="beginDatumTijd")
    end: Moment | None = Field(None, alias="eindDatumTijd")
    first_period: Period = Field(None, alias="beginLesuur")
    last_period: Period = Field(None, alias="eindLesuur")


def _as_lessons(value: object) -> object:
    return [lesson for lesson in value if isinstance(lesson, dict)] if isinstance(value, list) else []


class MissedLesson(Tolerant):
    """RAfspraakPrimer, RAfspraakItem: the lesson that an observation is about."""

    title: Words = Field(None, alias="titel")
    subject: Subject | None = Field(None, alias="vak")

    @property
    def called(self) -> str:
        """What people call it."""
        return (self.subject and (self.subject.naam or self.subject.afkorting)) or self.title or ""


class Observation(Linked):
    """RWaarneming: GET /rest/v1/waarnemingen. Almost all are "Aanwezig"."""

    pupil: Linked | None = Field(None, alias="leerling")
    sort: str | None = Field(None, alias="waarnemingSoort")
    start: Moment = Field(alias="beginDatumTijd")
    end: Moment = Field(alias="eindDatumTijd")
    first_period: Period = Field(None, alias="beginLesuur")
    last_period: Period = Field(None, alias="eindLesuur")
    lesson: MissedLesson | None = Field(None, alias="afspraak")


class Known(Tolerant):
    """What names an item of GET /rest/v1/leerlingen/{id}/registratieOverzicht. `group` is the name of its list."""

    group: str
    key: Key = Field("", validation_alias=AliasChoices("registratieId", "uniqueIdentifier"))
    sort: str | None = Field(None, alias="registratieSoort")


class Registration(Known):
    """An item of GET /rest/v1/leerlingen/{id}/registratieOverzicht."""

    description: Prose = Field(None, alias="omschrijving")
    start: Moment = Field(validation_alias=AliasChoices("begin", "beginDatumTijd"))
    end: Moment | None = Field(None, validation_alias=AliasChoices("eind", "eindDatumTijd"))
    first_period: Period = Field(None, alias="beginLesuur")
    last_period: Period = Field(None, alias="eindLesuur")
    subject: Subject | None = Field(None, alias="vak")
    lessons: Annotated[tuple[MissedLesson, ...], BeforeValidator(_as_lessons)] = Field((), alias="afspraken")


class Vacation(Linked):
    """RVakantie: GET /rest/v1/vakanties/leerling/{id}. `eindDatum` is the last day, inclusive."""

    name: Words = Field(None, alias="naam")
    start: str = Field(alias="beginDatum")
    end: str = Field(alias="eindDatum")


class GradeExtras(Tolerant):
    """What `additional=toetssoortnaam` adds."""

    toetssoortnaam: Words = None


class Grade(Linked):
    """RResultaat: GET /rest/v1/resultaten/huidigVoorLeerling/{id}, which also has averages and unmarked tests."""

    additional: GradeExtras | None = Field(None, alias="additionalObjects")
    sort: str | None = Field(None, alias="type")
    valid: Words = Field(None, alias="geldendResultaat")
    result: Words = Field(None, alias="resultaat")
    label: Words = Field(None, alias="resultaatLabel")
    not_made: Offered = Field(None, alias="toetsNietGemaakt")
    described: Words = Field(None, alias="omschrijving")
    code: Words = Field(None, alias="toetscode")
    entered: str | None = Field(None, alias="datumInvoer")
    subject: Subject | None = Field(None, alias="vak")
    pupil: Linked | None = Field(None, alias="leerling")

    @property
    def mark(self) -> str:
        """The figure or the word that counts; empty for a test without a result."""
        return self.valid or self.result or self.label or ""

    @property
    def test(self) -> str:
        """Which test it is."""
        sort = self.additional.toetssoortnaam if self.additional else None
        return ": ".join(dict.fromkeys(filter(None, (sort, self.described or self.code))))


class Restrictions(Tolerant):
    """REloRestricties: what the school shows. What is missing or unclear is shown.

    `roosterBeschikbaarIcalAan` is `None` if the school does not say whether it has an iCal link.
    """

    leerlingId: Key = ""  # noqa: N815 - their word
    roosterBekijkenAan: Shown = True  # noqa: N815 - their word
    absentiesBekijkenAan: Shown = True  # noqa: N815 - their word
    absentieConstateringBekijkenAan: Shown = True  # noqa: N815 - their word
    absentieMeldingBekijkenAan: Shown = True  # noqa: N815 - their word
    huiswerkBekijkenAan: Shown = True  # noqa: N815 - their word
    cijfersBekijkenAan: Shown = True  # noqa: N815 - their word
    roosterBeschikbaarIcalAan: Offered = None  # noqa: N815 - their word


def joined_restrictions(rows: Iterable[Restrictions]) -> Restrictions:
    """What several rows say together: what one of them shows is shown, and else what one of them hides is hidden."""
    said: dict[str, bool] = {}
    for row in rows:
        for name in row.model_fields_set - {"leerlingId"}:
            if (value := getattr(row, name)) is not None:
                said[name] = said.get(name, False) or value
    return Restrictions.model_validate(said)
