"""The sample register: two schools of a board with their studies and subjects."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

ACTIVE, ENDED = "active", "tobedeleted"


@dataclass(frozen=True, eq=False)
class SampleSchool:
    """A school with its identifiers, and its locations (code and name) by primary identifier."""

    primary: str
    secondary: dict[str, str]
    name: str
    locations: dict[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class SampleBoard:
    """The board of the schools. `code` is its BGE_CODE."""

    primary: str
    code: str
    name: str


LYCEUM = SampleSchool(
    "104A158",
    {"OIE_CODE": "27QQ", "DD_ID": "dd-fortes-lyceum", "V_ID": "27QQ00"},
    "Fortes Lyceum",
    {"112X995": ("27QQ00", "Fortes Lyceum Centrum"), "112X996": ("27QQ01", "Fortes Lyceum Oost")},
)
MAVO = SampleSchool(
    "105B263",
    {"OIE_CODE": "28RR", "DD_ID": "dd-fortes-mavo", "V_ID": "28RR00"},
    "Fortes Mavo",
    {"113X100": ("28RR00", "Fortes Mavo")},
)
SCHOOLS = (MAVO, LYCEUM)
BOARD = SampleBoard("106B996", "41645", "Stichting Fortes Onderwijs")


@dataclass(frozen=True, slots=True)
class Study:
    """A level and year of a school."""

    school: SampleSchool
    name: str
    code: str
    year: int
    status: str = ACTIVE

    @property
    def identifier(self) -> str:
        """A GUID that is always the same."""
        return _guid("study", self.school.primary, self.name)


@dataclass(slots=True)
class Subject:
    """A subject that is offered in some studies."""

    school: SampleSchool
    name: str
    abbreviation: str
    studies: tuple[Study, ...]
    status: str = ACTIVE
    number: int = 0
    changed: datetime | None = None

    @property
    def identifier(self) -> str:
        """A GUID that is always the same, whatever the name."""
        return _guid("subject", self.school.primary, str(self.number))


HAVO = Study(LYCEUM, "havo 5", "0011", 5)
VWO = Study(LYCEUM, "vwo 6", "0015", 6)
OLD = Study(LYCEUM, "vwo 6 (oude stijl)", "0015", 6, ENDED)
VMBO = Study(MAVO, "vmbo-t 4", "0022", 4)
STUDIES = (HAVO, VWO, OLD, VMBO)


def _subjects() -> Iterator[Subject]:
    """Some subjects of every kind, those with plain names first."""
    for name, abbreviation in (
        ("Nederlands", "netl"),
        ("Engels", "entl"),
        ("Duits", "dutl"),
        ("Wiskunde B", "wisB"),
        ("Natuurkunde", "nat"),
        ("Scheikunde", "schk"),
        ("Biologie", "biol"),
        ("Geschiedenis", "ges"),
        ("Aardrijkskunde", "ak"),
        ("Economie", "ECON"),
        ("Lichamelijke opvoeding", "LO"),
        ("Maatschappijleer", "maat"),
    ):
        for study in (HAVO, VWO):
            yield Subject(LYCEUM, name, abbreviation, (study,))
    yield Subject(LYCEUM, "Culturele en kunstzinnige vorming", "ckv", (HAVO,))
    yield Subject(LYCEUM, "Cultuur van de klassieken", "ckv", (VWO,))  # the abbreviation of another subject too
    yield Subject(LYCEUM, "Wiskunde B1,2", "wisB", (HAVO, VWO), ENDED)
    yield Subject(LYCEUM, "Geschiedenis en staatsinrichting", "ges", (OLD,))
    yield Subject(LYCEUM, "Mentoruur", "", (HAVO, VWO))
    yield Subject(MAVO, "Nederlandse taal", "netl", (VMBO,))
    yield Subject(MAVO, "Beeldende vorming", "bv", (VMBO,))


@dataclass
class Register:
    """All schools, studies and subjects, as of the night before `today`."""

    today: datetime
    subjects: list[Subject] = field(default_factory=list)

    def __post_init__(self) -> None:
        for number, subject in enumerate(_subjects()):
            subject.number = number
            self.subjects.append(subject)

    def organisation(self, school: SampleSchool) -> dict[str, Any]:
        """An Organisation."""
        return {
            "organisationMasterIdentifier": school.primary,
            "organisationIds": [
                {"organisationId": identifier, "organisationIdType": kind}
                for kind, identifier in school.secondary.items()
            ],
            "name": school.name,
            "boards": [
                {
                    "organisationMasterIdentifier": BOARD.primary,
                    "organisationIds": [{"organisationId": BOARD.code, "organisationIdType": "BGE_CODE"}],
                    "name": BOARD.name,
                }
            ],
            "locations": [
                {
                    "locationMasterIdentifier": primary,
                    "locationIds": [{"locationId": code, "locationIdType": "VE_CODE"}],
                    "name": name,
                }
                for primary, (code, name) in school.locations.items()
            ],
            **self._history(ACTIVE),
        }

    def study(self, study: Study) -> dict[str, Any]:
        """A StudyOffering."""
        level, _, year = study.name.partition(" ")
        return {
            "studyOfferingId": study.identifier,
            "studyOfferingName": study.name,
            "studyName": level,
            "studyCode": study.code,
            "studyCharacteristics": [],
            "studyLevel": {
                "studyLevelId": _guid("level", study.name),
                "studyLevelPrefix": f"42{study.year:02}",
                "studyLevelName": f"{level} {year}",
            },
            "studyYear": study.year,
            **self._history(study.status),
        }

    def subject(self, subject: Subject) -> dict[str, Any]:
        """A SubjectOffering, without `subjectOfferingAbbr` if it has no abbreviation."""
        abbreviation = {"subjectOfferingAbbr": subject.abbreviation} if subject.abbreviation else {}
        return {
            "subjectOfferingId": subject.identifier,
            "subjectOfferingName": subject.name,
            **abbreviation,
            "subjectCode": f"{4000 + subject.number}",
            "studyOfferings": [study.identifier for study in subject.studies],
            **self._history(subject.status, subject.changed),
        }

    def _history(self, status: str, changed: datetime | None = None) -> dict[str, Any]:
        return {
            "status": status,
            "dateCreated": _zulu(self.today - timedelta(days=800)),
            "dateLastModified": _zulu(changed or self.today - timedelta(days=90)),
        }


def _guid(*words: str) -> str:
    return str(uuid5(NAMESPACE_URL, "/".join(words)))


def _zulu(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
