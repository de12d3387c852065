"""The fields of SOMtoday that are used. All may be missing; unknown ones are ignored."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from bridge.upstream.markup import heading, plain


def _text_only(value: object) -> object:
    if value is not None and not isinstance(value, str):
        raise ValueError("a moment is written as text")
    return value


def _as_list(value: object) -> object:
    return [] if value is None else value


def key_text(value: object) -> str:
    """An id as text, from a number or from text with leading zeros."""
    if type(value) is int:
        return str(value if value in _EXACT else int(float(value)))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value) if value is not None else ""
    return str(int(text)) if text.isdecimal() and len(text) <= _LONGEST_NUMBER else text


def own_key(links: Iterable[tuple[object, object]]) -> str:
    """The id in the link with rel `self`, else in that with `koppeling`, of the `rel` and id of each link."""
    coupled = ""
    for rel, told in links:
        if rel == "self" and (key := key_text(told)):
            return key
        if rel == "koppeling":
            coupled = coupled or key_text(told)
    return coupled


def _own_key(links: object) -> str:
    if links is not None and not isinstance(links, list):
        raise ValueError("links are a list")
    if not all(isinstance(link, dict) for link in links or ()):
        raise ValueError("a link is an object")
    return own_key((link.get("rel"), link.get("id")) for link in links or ())


def lesson_hour(value: object) -> int | None:
    """A lesson hour; `None` for what is not a number, so that the lesson can still be read."""
    if value is None:
        return None
    text = str(value)
    return int(text) if not isinstance(value, bool) and text.isdecimal() and len(text) <= _DIGITS else None


def shown(value: object) -> bool:
    """Whether something is shown: what is missing or unclear is."""
    return value is True or str(value).strip().lower() not in {"false", "0"}


def _offered(value: object) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get(str(value).strip().lower())


def _heading(value: str | None) -> str | None:
    return heading(value) if value else value


def _prose(value: str | None) -> str | None:
    return plain(value) if value else value


_DIGITS = 3
_LONGEST_NUMBER = 1000
_EXACT = range(-(2**63), 2**64)  # one parser gives a number beyond these as a float, and an id is the same in all
Moment = Annotated[datetime, BeforeValidator(_text_only)]
Key = Annotated[str, BeforeValidator(key_text)]
Period = Annotated[int | None, BeforeValidator(lesson_hour)]
Shown = Annotated[bool, BeforeValidator(shown)]
Offered = Annotated[bool | None, BeforeValidator(_offered)]
Words = Annotated[str | None, AfterValidator(_heading)]
"""A text of one line, which may be written in HTML."""
Prose = Annotated[str | None, AfterValidator(_prose)]
"""A text that may be written in HTML, with the addresses of its links."""


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


class SchoolData(Tolerant):
    """RLeerlingSchoolgegevens, as far as it says where the school is."""

    vestigingsnaam: Words = None
    straat: Words = None
    postcode: Words = None
    plaats: Words = None


class Subject(Tolerant):
    """RVak."""

    afkorting: Words = None
    naam: Words = None


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
