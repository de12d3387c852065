"""What an operator can set for a school."""

from typing import Literal

from pydantic import Field

from bridge.settings.schema import PacedSettings
from bridge.settings.values import HttpAddress


class SomtodaySettings(PacedSettings):
    """A school that uses SOMtoday."""

    type: Literal["somtoday"] = Field(description="`somtoday`")
    api_url: HttpAddress = Field(
        "https://api.somtoday.nl", description="where the API is; without it, a token answer may name another"
    )
    auth_url: HttpAddress = Field("https://inloggen.somtoday.nl", description="where logins and tokens are")
    schedule_api: Literal["auto", "afspraken", "afspraakitems"] = Field(
        "auto",
        description="which timetable is read: `afspraakitems` tells changes, `afspraken` does not; `auto` takes the "
        "first that the school has",
    )
    grades: Literal["off", "on", "marks"] = Field(
        "off", description="notices of new grades: `on` says in which subject, `marks` the mark too"
    )
