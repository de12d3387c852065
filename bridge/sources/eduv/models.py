"""The fields of the Edu-V Education API 1.1.1 that are used.

The examples in its own documentation break its patterns, so values may be null, padded, in upper or lower case, and
numbers instead of texts.
"""

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


class StudyOffering(Listed):
    """What a school teaches at a level in a year."""

    identifier: Name = Field(alias="studyOfferingId")
    study: Line = Field("", alias="studyName")
    year: Line = Field("", alias="studyYear")


class SubjectOffering(Listed):
    """A subject of a school. Without an abbreviation it cannot be found in a timetable."""

    name: Name = Field(alias="subjectOfferingName")
    abbreviation: Line = Field("", alias="subjectOfferingAbbr")
    studies: Lines = Field((), alias="studyOfferings")
