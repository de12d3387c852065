"""What an operator sets for a school's register."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr, StringConstraints, ValidationInfo, field_validator

from bridge.settings.schema import NamingSettings
from bridge.settings.values import HttpAddress
from bridge.sources.eduv.reference import Reference

_Text = Annotated[str, StringConstraints(strip_whitespace=True)]
_Needed = Annotated[_Text, Field(min_length=1)]


class EduvSettings(NamingSettings):
    """The settings of one school's register; the school is told by a primary or by a secondary identifier."""

    api_url: HttpAddress = Field(
        description="the supplier's base with its version; `/organisations` and the like are appended"
    )
    token_url: HttpAddress = Field(description="where the supplier gives tokens")
    client_id: _Needed = Field(description="our own, from the supplier")
    client_secret: SecretStr = Field(description="our own, from the supplier")
    organisation_id: _Text = Field("", description="the school's secondary identifier, where it has no primary one")
    organisation_id_type: Literal["", "OIE_CODE", "BP_ID", "DD_ID", "AS_ID", "V_ID"] = Field(
        "",
        validate_default=True,
        description="what `organisation_id` is: `OIE_CODE`, `BP_ID`, `DD_ID`, `AS_ID` or `V_ID`",
    )
    organisation: _Text = Field(
        "",
        validate_default=True,
        description="the school's primary identifier (OnderwijsaanbiederId), such as `104A158`",
    )

    @field_validator("client_secret")
    @classmethod
    def _given_secret(cls, secret: SecretStr) -> SecretStr:
        text = secret.get_secret_value().strip()
        if not text:
            raise ValueError("it is empty")
        return SecretStr(text)

    @field_validator("organisation_id_type")
    @classmethod
    def _complete_identifier(cls, kind: str, info: ValidationInfo) -> str:
        if bool(kind) != bool(info.data.get("organisation_id")):
            raise ValueError("it goes together with organisation_id")
        return kind

    @field_validator("organisation")
    @classmethod
    def _one_school(cls, primary: str, info: ValidationInfo) -> str:
        if "organisation_id_type" in info.data and bool(primary) == bool(info.data.get("organisation_id")):
            raise ValueError("give either organisation, or organisation_id with organisation_id_type")
        return primary

    @property
    def school(self) -> Reference:
        """How the register knows the school."""
        return Reference(self.organisation, self.organisation_id, self.organisation_id_type)
