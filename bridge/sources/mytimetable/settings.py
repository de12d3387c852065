"""The settings of a MyTimetable source."""

from pydantic import Field, SecretStr, field_validator

from bridge.settings.schema import PacedSettings, SharingSettings
from bridge.settings.values import HttpAddress, Listed

USERNAME = "{username}"
_RESOURCES = frozenset({"location", "zone", "equipment"})


class MyTimetableSettings(PacedSettings, SharingSettings):
    """The settings of a university."""

    api_url: HttpAddress = Field(description="address of MyTimetable; `/api/v0` is appended")
    api_token: SecretStr | None = Field(None, description="token of the API; elevated if it reads personal timetables")
    username_template: str = Field(
        USERNAME, description="the value of `requestedAuth` for a person, such as `DOMAIN\\{username}`"
    )
    types: Listed = Field(
        default_factory=list,
        description="only subscriptions of these types in a personal timetable, such as `module`; by default all",
    )
    exclude_resource_timetables: bool = Field(
        default=True,
        description="leave subscriptions to rooms and other resources out of a personal timetable",
    )
    week_labels: bool = Field(default=False, description="add the university's name of the week to descriptions")
    terms: bool = Field(default=False, description="show the university's terms as notices")

    def reads(self, kind: str) -> bool:
        """Whether subscriptions of a type are read in a personal timetable. Those of an unknown type (empty) are."""
        if self.exclude_resource_timetables and kind in _RESOURCES:
            return False
        return not self.types or not kind or kind in self.types

    @field_validator("api_token")
    @classmethod
    def _sendable_token(cls, token: SecretStr | None) -> SecretStr | None:
        text = token.get_secret_value().strip() if token else ""
        if not text.isprintable():
            raise ValueError("a token is one line of text")
        return SecretStr(text) if text else None

    @field_validator("username_template")
    @classmethod
    def _usable_template(cls, template: str) -> str:
        if USERNAME not in template or not template.isprintable():
            raise ValueError("it is one line with {username} in it")
        return template
