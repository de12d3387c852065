"""The settings of a holidays source."""

from pydantic import Field, ValidationInfo, field_validator

from bridge.settings.schema import SourceSettings
from bridge.settings.values import Listed
from bridge.sources.holidays import library


class HolidaysSettings(SourceSettings):
    """The country, the region and the categories of holidays."""

    language: str = Field(
        "nl",
        pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$",
        description="the language of the holidays' names, if the package has it for the country",
    )
    country: str = Field(description="two letters (ISO 3166), such as `NL` or `BE`")
    region: str | None = Field(
        None,
        validate_default=True,
        description="for school holidays; NL: `Noord`, `Midden`, `Zuid`; BE: `Flemish`, `French`, `German`",
    )
    categories: Listed = Field(
        default_factory=lambda: ["public", "school"],
        validate_default=True,
        description="`public`, `school` or another category that the country has",
    )

    @field_validator("country")
    @classmethod
    def _known_country(cls, country: str) -> str:
        if country.upper() not in library.countries():
            raise ValueError("no country has this code; write two letters such as NL or BE")
        return country.upper()

    @field_validator("region")
    @classmethod
    def _known_region(cls, region: str | None, info: ValidationInfo) -> str | None:
        country = info.data.get("country")
        if not region or country is None:
            return None
        known = library.regions(country)
        if not known:
            raise ValueError(f"{country} has no regions; leave it out")
        found = next((name for name in known if name.casefold() == region.casefold()), None)
        if found is None:
            raise ValueError(f"{country} has no such region; known ones: {', '.join(known)}")
        return found

    @field_validator("categories")
    @classmethod
    def _known_categories(cls, categories: list[str], info: ValidationInfo) -> list[str]:
        if "country" not in info.data or "region" not in info.data:
            return categories
        country, region = info.data["country"], info.data["region"]
        known = library.categories(country)
        if not categories or not set(categories) <= set(known):
            raise ValueError(f"{country} has these categories: {', '.join(known)}")
        if "school" in categories and region is None and not library.has_national_school_holidays(country):
            regions = ", ".join(library.regions(country))
            raise ValueError(f"school holidays in {country} differ by region; choose a region: {regions}")
        return categories
