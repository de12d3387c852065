"""The settings of a SOMtoday source."""

from typing import Literal

from pydantic import Field

from bridge.model.event import Part
from bridge.settings.schema import PacedSettings
from bridge.settings.values import HttpAddress

RESTRICTED = (Part.SCHEDULE, Part.ABSENCES, Part.HOMEWORK)
"""The parts, always requested, that a school may hide from a pupil."""


class SomtodaySettings(PacedSettings):
    """The settings of a school."""

    type: Literal["somtoday"] = Field(description="`somtoday`")
    api_url: HttpAddress = Field(
        "https://api.somtoday.nl",
        description="address of the API; by default the one that comes with a token, if its host is in these settings",
    )
    auth_url: HttpAddress = Field("https://inloggen.somtoday.nl", description="address of the login and token server")
    schedule_api: Literal["auto", "afspraken", "afspraakitems"] = Field(
        "auto",
        description="the timetable that is read: `afspraakitems` has changes, `afspraken` has not; `auto` uses the "
        "first that the school has",
    )
    grades: Literal["off", "on", "marks"] = Field(
        "off", description="notices of new grades: `on` with the subject, `marks` with the mark too"
    )
