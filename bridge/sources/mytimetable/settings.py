"""What an operator sets for a university's MyTimetable."""

from pydantic import Field, SecretStr, field_validator

from bridge.settings import HttpAddress, Listed, SourceSettings

USERNAME = "{username}"


class MyTimetableSettings(SourceSettings):
    """The settings of one MyTimetable."""

    api_url: HttpAddress = Field(description="where MyTimetable is; `/api/v0` is appended")
    api_token: SecretStr | None = Field(
        None, description="opens the API; elevated where it reads the timetables of persons"
    )
    username_template: str = Field(
        USERNAME, description="what `requestedAuth` says of a person, such as `DOMAIN\\{username}`"
    )
    types: Listed = Field(
        default_factory=list,
        description="only subscriptions of these types in a personal timetable, such as `module`; none: all",
    )
    exclude_resource_timetables: bool = Field(
        default=True,
        description="leave subscriptions to rooms and other resources out of a personal timetable",
    )

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
