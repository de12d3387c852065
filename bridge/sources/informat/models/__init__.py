"""Informat's words, after the field tables of its document ("Personeel" Web API, version 2.9).

Names are theirs, with an underscore before each capital; what is unknown is ignored.
"""

from bridge.sources.informat.models.assignment import Assignment
from bridge.sources.informat.models.employee import Employee, EmployeeV1
from bridge.sources.informat.models.fields import Owned, Span, normal_key
from bridge.sources.informat.models.interruption import Interruption
from bridge.sources.informat.models.own_field import OwnField
from bridge.sources.informat.models.undocumented import Appointment, Diploma, Photo

__all__ = [
    "Appointment",
    "Assignment",
    "Diploma",
    "Employee",
    "EmployeeV1",
    "Interruption",
    "OwnField",
    "Owned",
    "Photo",
    "Span",
    "normal_key",
]
