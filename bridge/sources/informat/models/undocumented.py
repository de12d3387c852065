"""Answers of which the document says nothing but that each item belongs to an employee: all they say is kept."""

from pydantic import ConfigDict

from bridge.sources.informat.models.fields import Owned


class Undocumented(Owned):
    """`model_extra` holds what came, by name in small letters."""

    model_config = ConfigDict(extra="allow")


class Diploma(Undocumented):
    """GET /employees/diplomas and /employees/{personId}/diplomas."""


class Appointment(Undocumented):
    """GET /employees/appointments and /employees/{personId}/appointments."""


class Photo(Undocumented):
    """GET /employees/photos and /employees/{personId}/photos."""
