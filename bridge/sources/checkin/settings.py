"""What an operator sets for a Check-in."""

from pydantic import Field

from bridge.settings.schema import SourceSettings
from bridge.settings.values import HttpAddress


class CheckinSettings(SourceSettings):
    """The settings of one Check-in."""

    api_url: HttpAddress = Field(description="where Check-in is; `/api/v1` and `/api/v3` are appended")
