"""The JSON answers of the stand-in, with all fields of the API."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta

_NAMES = uuid.UUID("6d3f1c0a-54f3-5c55-8a57-9f4c1d1c9a10")


def key_of(*words: object) -> str:
    """A GUID that depends only on `words`."""
    return str(uuid.uuid5(_NAMES, " ".join(map(str, words))))


def written_day(day: date) -> str:
    """A date in the form of the API."""
    return f"{day.isoformat()}T00:00:00"


@dataclass(frozen=True)
class SampleEmployee:
    """An employee, also a former one. `hours` of `full_hours` are their assignment of the whole year."""

    number: int
    first: str
    last: str
    function: str = "Leraar"
    subject: str | None = None
    structures: tuple[str, ...] = ("311",)
    groups: tuple[str, ...] = ()
    hours: float = 20
    full_hours: int = 20
    place: str | None = "Hoofdgebouw"
    active: bool = True

    @property
    def key(self) -> str:
        """The personId."""
        return key_of("employee", self.number)

    @property
    def address(self) -> str | None:
        """The e-mail address at school; `None` for former employees."""
        name = f"{self.first}.{self.last}".lower().replace(" ", "")
        return f"{name}@sintjan.example" if self.active else None


def employee_answer(employee: SampleEmployee) -> dict[str, Any]:
    """An employee, version 2."""
    addresses = [("Privé", f"{employee.last.lower().replace(' ', '')}@thuis.example")]
    if employee.address:
        addresses.append(("School", employee.address))
    return {
        "pPersoon": employee.number,
        "personId": employee.key,
        "personaId": None,
        "naam": employee.last,
        "voornaam": employee.first,
        "bijkomendeVoornamen": "",
        "stamnr": f"{employee.number:011d}",
        "sortName": f"{employee.last},{employee.first},".upper().replace(" ", ""),
        "nickname": f"{employee.last} {employee.first}",
        "geslacht": "V",
        "initialen": employee.first[0] + employee.last[0],
        "geboortedatum": "1980-02-16T00:00:00",
        "geboorteplaats": "Mechelen",
        "geboortelandCode": "00150",
        "nationaliteitCode": "000",
        "rijksregisternr": "",
        "bisnr": None,
        "bank": None,
        "hoofdAmbt": {"code": "00000007", "naam": employee.function},
        "eersteDienstSchool": "2011-09-01T00:00:00",
        "eersteDienstScholengroep": "1900-01-01T00:00:00",
        "eersteDienstScholengemeenschap": "1900-01-01T00:00:00",
        "isActive": employee.active,
        "pensioendatum": None,
        "isMindervalide": False,
        "isOverleden": False,
        "datumOverleden": None,
        "burgStand": 6,
        "aantalKinderen": 0,
        "mindervalideKinderen": 0,
        "aantalZorgbehoevenden": 0,
        "aantalAndereTenLaste": 0,
        "aantalMindervalideAndereTenLaste": 0,
        "partner": None,
        "adressen": [],
        "comnrs": [],
        "emailadressen": [
            {"id": key_of("email", employee.number, sort), "type": sort, "email": email} for sort, email in addresses
        ],
        "kinderen": [],
        "personeelsgroepen": [{"id": key_of("group", group), "naam": group} for group in employee.groups],
    }


def employee_v1_answer(employee: SampleEmployee) -> dict[str, Any]:
    """An employee, version 1."""
    return {
        "personId": employee.number,
        "naam": employee.last,
        "voornaam": employee.first,
        "stamnr": f"{employee.number:011d}",
        "ambtcode": None,
        "isActive": employee.active,
        "email": [employee.address] if employee.address else [],
    }


def assignment_answer(
    key: str, employee: SampleEmployee, structure: str, first: date, last: date, **changes: Any
) -> dict[str, Any]:
    """An assignment up to and including `last`."""
    return {
        "id": key,
        "personId": employee.key,
        "begindatum": written_day(first),
        "einddatum": written_day(last),
        "hfd": structure,
        "vervangingen": [],
        "prestatieUren": employee.hours,
        "prestatieNoemer": employee.full_hours,
        "urenTbsOB": 0.0,
        "ato": "4",
        "afstandWachtgeld": 0.0,
        "reaffWedertew": "",
        "bekwaamheidsbewijs": "VE",
        "graad": "0" if employee.subject is None else "1",
        "leerjaar": "0",
        "onderwijsvorm": "0",
        "opleidingsvorm": "-",
        "ambtCode": "00000007",
        "ambt": employee.function,
        "vakCode": None if employee.subject is None else "00000309",
        "vak": employee.subject,
        "vakRubriek": None,
        "gelijkgesteldVakCode": None,
        "gelijkgesteldVak": None,
        "isAmbtvak": employee.subject is None,
        "aanstellingscode": 0,
        "isTao": False,
        "isVacature": False,
        "mandaatCode": "00",
        "omkaderingCode": "00",
        "omkadering": "eigen omkadering (standaard)",
        "opmerking": "Uurrooster nog te bespreken",
        "vestiging": employee.place,
        "baremaCode": None,
        "barema": None,
        "vwoStudiegebiedCode": None,
        "vwoStudiegebied": None,
        "vwoOpleidingCode": None,
        "vwoOpleiding": None,
        "vwoModuleCode": None,
        "vwoModule": None,
        "urenVanScholengem": False,
        "urenVanAndereSchool": False,
        "opdrachtType": 1,
        **changes,
    }


def interruption_answer(
    key: str, employee: SampleEmployee, structure: str, first: date, last: date, **changes: Any
) -> dict[str, Any]:
    """An interruption up to and including `last`, padded as in the API."""
    return {
        "doId": key.upper(),
        "personId": f" {employee.key}",
        "hfd": f"{structure}   ",
        "begindatum": written_day(first),
        "einddatum": written_day(last),
        "code": "1",
        "omschrijving": "Ziekteverlof",
        "soort": "2",
        "verstuurdAgODi": False,
        "opmSecretariaat": "Voelde zich grieperig",
        "opmPersoneelslid": None,
        "staking": None,
        "stakingUren": None,
        "ziekteverlofZonderBezoldiging": False,
        **changes,
    }


def school_year_of(day: date) -> tuple[date, date]:
    """The first and the last day of the school year of a day."""
    first = date(day.year - (day.month < 9), 9, 1)  # noqa: PLR2004 - September
    return first, first + relativedelta(years=1, days=-1)
