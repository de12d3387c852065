"""SOMtoday's words, as far as they are read. Everything may be missing; what is unknown is ignored."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _text_only(value: object) -> object:
    if value is not None and not isinstance(value, str):
        raise ValueError("a moment is written as text")
    return value


def _as_list(value: object) -> object:
    return [] if value is None else value


def _key(value: object) -> object:
    """An id as text, whether it came as a number or as text with zeros in front."""
    text = str(value) if value is not None else ""
    return str(int(text)) if text.isdecimal() else text


def _period(value: object) -> object:
    """A lesson hour; what is no number is no reason to lose the lesson."""
    text = str(value)
    return int(text) if not isinstance(value, bool) and text.isdecimal() and len(text) <= _DIGITS else None


def _names(value: object) -> object:
    return [name for name in value if name is not None] if isinstance(value, list) else value


def _shown(value: object) -> bool:
    return str(value).strip().lower() not in {"false", "0"}


_DIGITS = 3
Moment = Annotated[datetime, BeforeValidator(_text_only)]
Key = Annotated[str, BeforeValidator(_key)]
Period = Annotated[int | None, BeforeValidator(_period)]
Shown = Annotated[bool, BeforeValidator(_shown)]
Names = Annotated[str | list[str] | None, BeforeValidator(_names)]


class Tolerant(BaseModel):
    """An object of theirs."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, frozen=True)


class Link(Tolerant):
    """What refers to an object; `id` may be a number or text and is larger than 32 bits."""

    id: Key = ""
    rel: str | None = None


class Linked(Tolerant):
    """Anything that has an id of its own: `links` with rel `self`, else `koppeling`; it may be empty."""

    links: Annotated[tuple[Link, ...], BeforeValidator(_as_list)] = ()

    @property
    def key(self) -> str:
        """The id, empty where there is none."""
        for rel in ("self", "koppeling"):
            for link in self.links:
                if link.rel == rel and link.id:
                    return link.id
        return ""


class Pupil(Linked):
    """RLeerling, RLeerlingPrimer."""

    leerlingnummer: str | None = None
    roepnaam: str | None = None
    achternaam: str | None = None


class Pupils(Tolerant):
    """A LinkableWrapper of pupils."""

    items: Annotated[tuple[Pupil, ...], BeforeValidator(_as_list)] = ()


class Subject(Tolerant):
    """RVak."""

    afkorting: str | None = None
    naam: str | None = None


class AppointmentType(Tolerant):
    """RAfspraakType."""

    naam: str | None = None
    omschrijving: str | None = None
    categorie: str | None = None


class AppointmentExtras(Tolerant):
    """What `additional=vak`, `docentAfkortingen` and `leerlingen` add."""

    vak: Subject | None = None
    docentAfkortingen: Names = None  # noqa: N815 - their word
    leerlingen: Pupils | None = None


class Appointment(Linked):
    """RAfspraak: GET /rest/v1/afspraken."""

    additional: AppointmentExtras | None = Field(None, alias="additionalObjects")
    type: AppointmentType | None = Field(None, alias="afspraakType")
    location: str | None = Field(None, alias="locatie")
    start: Moment = Field(alias="beginDatumTijd")
    end: Moment = Field(alias="eindDatumTijd")
    first_period: Period = Field(None, alias="beginLesuur")
    last_period: Period = Field(None, alias="eindLesuur")
    title: str | None = Field(None, alias="titel")
    description: str | None = Field(None, alias="omschrijving")
    status: str | None = Field(None, alias="afspraakStatus")


class AbsenceReason(Tolerant):
    """RAbsentieReden."""

    absentieSoort: str | None = None  # noqa: N815 - their word
    omschrijving: str | None = None


class AbsenceReport(Linked):
    """RAbsentieMelding: GET /rest/v1/absentiemeldingen."""

    pupil: Pupil | None = Field(None, alias="leerling")
    reason: AbsenceReason | None = Field(None, alias="absentieReden")
    start: Moment = Field(alias="beginDatumTijd")
    end: Moment | None = Field(None, alias="eindDatumTijd")
    first_period: Period = Field(None, alias="beginLesuur")
    last_period: Period = Field(None, alias="eindLesuur")


class Observation(Linked):
    """RWaarneming: GET /rest/v1/waarnemingen; almost all are "Aanwezig"."""

    pupil: Pupil | None = Field(None, alias="leerling")
    sort: str | None = Field(None, alias="waarnemingSoort")
    start: Moment = Field(alias="beginDatumTijd")
    end: Moment = Field(alias="eindDatumTijd")
    first_period: Period = Field(None, alias="beginLesuur")
    last_period: Period = Field(None, alias="eindLesuur")


class Vacation(Linked):
    """RVakantie: GET /rest/v1/vakanties/leerling/{id}. `eindDatum` is the last day of it."""

    name: str | None = Field(None, alias="naam")
    start: str = Field(alias="beginDatum")
    end: str = Field(alias="eindDatum")


class Restrictions(Tolerant):
    """REloRestricties: what the school shows. What it does not mention, or not clearly, is shown."""

    leerlingId: Key = ""  # noqa: N815 - their word
    roosterBekijkenAan: Shown = True  # noqa: N815
    absentiesBekijkenAan: Shown = True  # noqa: N815
    absentieConstateringBekijkenAan: Shown = True  # noqa: N815
    absentieMeldingBekijkenAan: Shown = True  # noqa: N815
