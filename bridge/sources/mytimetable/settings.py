"""The settings of a MyTimetable source."""

from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from bridge.settings.schema import PacedSettings, SharingSettings
from bridge.settings.values import HttpAddress, Listed

USERNAME = "{username}"
_RESOURCES = frozenset({"location", "zone", "equipment"})


class MyTimetableSettings(PacedSettings, SharingSettings):
    """The settings of a university."""

    api_url: HttpAddress = Field(description="address of MyTimetable; `/api/v0` is appended")
    api_token: SecretStr | None = Field(None, description="token of the API; elevated if it reads personal timetables")
    authorize_url: HttpAddress | None = Field(
        None, description="where persons log in with OAuth 2; without it they need a token or the `api_token`"
    )
    token_url: HttpAddress | None = Field(None, description="where OAuth 2 gives tokens for a login")
    client_id: str = Field("", description="the id of this service at the OAuth 2 server")
    client_secret: SecretStr | None = Field(None, description="the secret of this service there, if it has one")
    scope: str = Field("", description="what a login asks for, separated by spaces")
    username_template: str = Field(
        USERNAME, description="the value of `requestedAuth` for a person, such as `DOMAIN\\{username}`"
    )
    any_user_name: bool = Field(
        default=False,
        description="let people connect any user name on their own page, and so read anybody's timetable through the "
        "`api_token`; by default only the name that they have here, unless they give a token of their own",
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

    @model_validator(mode="after")
    def _whole_login(self) -> Self:
        given = {"authorize_url": self.authorize_url, "token_url": self.token_url, "client_id": self.client_id}
        missing = [name for name, value in given.items() if not value]
        if missing and (len(missing) < len(given) or self.client_secret or self.scope):
            raise ValueError(f"a login with OAuth 2 also needs {' and '.join(missing)}")
        return self

    @field_validator("api_token", "client_secret")
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
