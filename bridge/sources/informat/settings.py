"""The settings of an Informat source."""

import re

from pydantic import Field, SecretStr, field_validator

from bridge.settings.schema import SharingSettings
from bridge.settings.values import HttpAddress, TimeZone


class InformatSettings(SharingSettings):
    """The settings of an institute."""

    timezone: TimeZone = Field("Europe/Brussels", description="the time zone of the school")
    api_url: HttpAddress = Field("https://personeelsapi.informatsoftware.be", description="address of the API")
    auth_url: HttpAddress = Field("https://www.identityserver.be", description="address of the token server")
    client_id: str = Field(description="from Informat, such as `informat_customer_NAME`")
    client_secret: SecretStr = Field(description="from Informat, with the client_id")
    institute: str = Field(description="number of the institute, of six digits; leading zeros may be left out")
    structure: str = Field("", description="only this structure, such as `311`; by default all of the institute")
    name_substitutes: bool = Field(default=False, description="name the substitute in the calendar of an absent person")

    @field_validator("client_id")
    @classmethod
    def _sendable_id(cls, client_id: str) -> str:
        return _one_line(client_id)

    @field_validator("client_secret")
    @classmethod
    def _sendable_secret(cls, secret: SecretStr) -> SecretStr:
        return SecretStr(_one_line(secret.get_secret_value()))

    @field_validator("institute", mode="before")
    @classmethod
    def _six_digits(cls, number: object) -> str:
        digits = str(number).strip()
        if isinstance(number, bool) or not re.fullmatch(r"[0-9]{1,6}", digits):
            raise ValueError("the number of an institute has at most six digits")
        return digits.zfill(6)

    @field_validator("structure", mode="before")
    @classmethod
    def _three_digits(cls, structure: object) -> str:
        digits = str(structure).strip()
        if isinstance(structure, bool) or not re.fullmatch(r"([0-9]{3})?", digits):
            raise ValueError("a structure has three digits, such as 311")
        return digits


def _one_line(text: str) -> str:
    if not text.strip() or not text.strip().isprintable():
        raise ValueError("it is one line of text")
    return text.strip()
