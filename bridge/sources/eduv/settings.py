"""The settings of a school's register."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr, StringConstraints, ValidationInfo, field_validator

from bridge.settings.schema import NamingSettings
from bridge.settings.values import HttpAddress
from bridge.sources.eduv.reference import Reference

_Text = Annotated[str, StringConstraints(strip_whitespace=True)]
_Needed = Annotated[_Text, Field(min_length=1)]


class EduvSettings(NamingSettings):
    """The settings of an Edu-V source. The school has a primary or a secondary identifier."""

    api_url: HttpAddress = Field(
        description="address of the supplier's API with its version; `/organisations` and so on are appended"
    )
    token_url: HttpAddress = Field(description="address of the supplier's token endpoint")
    client_id: _Needed = Field(description="from the supplier")
    client_secret: SecretStr = Field(description="from the supplier")
    organisation_id: _Text = Field("", description="a secondary identifier of the school, if it has no primary one")
    organisation_id_type: Literal["", "OIE_CODE", "BP_ID", "DD_ID", "AS_ID", "V_ID"] = Field(
        "",
        validate_default=True,
        description="type of `organisation_id`: `OIE_CODE`, `BP_ID`, `DD_ID`, `AS_ID` or `V_ID`",
    )
    organisation: _Text = Field(
        "",
        validate_default=True,
        description="primary identifier of the school (OnderwijsaanbiederId), such as `104A158`",
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
            raise ValueError("it needs organisation_id, and the other way round")
        return kind

    @field_validator("organisation")
    @classmethod
    def _one_school(cls, primary: str, info: ValidationInfo) -> str:
        if "organisation_id_type" in info.data and bool(primary) == bool(info.data.get("organisation_id")):
            raise ValueError("give either organisation, or organisation_id with organisation_id_type")
        return primary

    @property
    def school(self) -> Reference:
        """The school, as the register knows it."""
        return Reference(self.organisation, self.organisation_id, self.organisation_id_type)
