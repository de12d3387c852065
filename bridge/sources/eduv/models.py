"""The fields of the Edu-V Education API 1.1.1 that are used.

The examples in its own documentation break its patterns, so values may be null, padded, in upper or lower case, and
numbers instead of texts.
"""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from bridge.upstream.fields import Line, Tolerant, as_line


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _lines(value: object) -> tuple[str, ...]:
    return tuple(filter(None, map(as_line, _list(value))))


def _objects(value: object) -> list[Any]:
    """The objects in a list. Anything else is left out, so that the offering can still be read."""
    return [item for item in _list(value) if isinstance(item, dict)]


_STUDY_AND_YEAR = re.compile(r"(?P<study>[^\W\d_][^\d]*?)\s*(?P<year>\d)")
Name = Annotated[str, BeforeValidator(as_line), Field(min_length=1)]
Lines = Annotated[tuple[str, ...], BeforeValidator(_lines)]


class Listed(Tolerant):
    """An object that stays listed for a while after it has ended."""

    status: Line = ""

    @property
    def ended(self) -> bool:
        """Whether it has ended and is only listed for others to notice."""
        return self.status.casefold() == "tobedeleted"


class OrganisationId(Tolerant):
    """A secondary identifier of a school."""

    organisation_id: Line = Field("", alias="organisationId")
    organisation_id_type: Line = Field("", alias="organisationIdType")


class LocationId(Tolerant):
    """A secondary identifier of a location (VE_CODE)."""

    location_id: Line = Field("", alias="locationId")


class Location(Tolerant):
    """A LocationReference."""

    primary: Line = Field("", alias="locationMasterIdentifier")
    others: Annotated[tuple[LocationId, ...], BeforeValidator(_objects)] = Field((), alias="locationIds")
    name: Line = ""


class Organisation(Listed):
    """A school."""

    primary: Line = Field("", alias="organisationMasterIdentifier")
    others: Annotated[tuple[OrganisationId, ...], BeforeValidator(_objects)] = Field((), alias="organisationIds")
    name: Name
    locations: Annotated[tuple[Location, ...], BeforeValidator(_objects)] = ()


class StudyLevel(Tolerant):
    """The official level of a study, such as "havo 5"."""

    name: Line = Field("", alias="studyLevelName")


def _level(value: object) -> object:
    return value if isinstance(value, dict) else {}


class StudyOffering(Listed):
    """What a school teaches at a level in a year."""

    identifier: Name = Field(alias="studyOfferingId")
    called: Line = Field("", alias="studyOfferingName")
    level: Annotated[StudyLevel, BeforeValidator(_level)] = Field(StudyLevel(), alias="studyLevel")
    study: Line = Field("", alias="studyName")
    year: Line = Field("", alias="studyYear")

    @property
    def study_and_year(self) -> tuple[str, str] | None:
        """The study and its year, from the level or the school's own name for it where they are not said apart."""
        if self.study and self.year:
            return self.study, self.year
        for name in (self.level.name, self.called):
            if found := _STUDY_AND_YEAR.fullmatch(name):
                return found["study"], found["year"]
        return None


class SubjectOffering(Listed):
    """A subject of a school. Without an abbreviation it cannot be found in a timetable."""

    name: Name = Field(alias="subjectOfferingName")
    abbreviation: Line = Field("", alias="subjectOfferingAbbr")
    studies: Lines = Field((), alias="studyOfferings")
