"""The settings of Check-in."""

from pydantic import Field

from bridge.settings.schema import SourceSettings
from bridge.settings.values import HttpAddress


class CheckinSettings(SourceSettings):
    """The settings of a Check-in source."""

    api_url: HttpAddress = Field(description="address of Check-in; `/api/v1` and `/api/v3` are appended")
