"""What an operator can choose, and what the sentence says when it does not exist."""

from pathlib import Path

import pytest

from bridge.errors import ConfigError
from bridge.settings.load import load_settings
from bridge.sources.holidays import SOURCE
from bridge.sources.holidays.settings import HolidaysSettings


def load(tmp_path: Path, table: str) -> HolidaysSettings:
    path = tmp_path / "bridge.toml"
    path.write_text(f'[sources.vrij]\ntype = "holidays"\n{table}\n', "utf-8")
    found = load_settings(path, {"holidays": SOURCE.settings}, {}).sources["vrij"]
    assert isinstance(found, HolidaysSettings)
    return found


def test_public_and_school_holidays_are_chosen_by_default(tmp_path: Path) -> None:
    settings = load(tmp_path, 'country = "NL"\nregion = "Noord"')
    assert settings.categories == ["public", "school"]
    assert (settings.language, settings.timezone) == ("nl", "Europe/Amsterdam")


def test_country_and_region_may_be_written_in_any_case(tmp_path: Path) -> None:
    settings = load(tmp_path, 'country = "be"\nregion = "flemish"')
    assert (settings.country, settings.region) == ("BE", "Flemish")


def test_categories_may_be_one_text_with_commas(tmp_path: Path) -> None:
    settings = load(tmp_path, 'country = "BE"\nregion = "French"\ncategories = "public, bank"')
    assert settings.categories == ["public", "bank"]


@pytest.mark.parametrize(
    ("table", "setting", "sentence"),
    [
        ("", "country", "missing"),
        ('country = "XX"', "country", "no country has this code"),
        ('country = "NL"\nregion = "Oost"', "region", "known ones: Midden, Noord, Zuid"),
        ('country = "LU"\nregion = "Oost"', "region", "leave it out"),
        ('country = "NL"', "categories", "choose a region: Midden, Noord, Zuid"),
        ('country = "BE"\ncategories = ["school"]', "categories", "choose a region: Flemish, French, German"),
        ('country = "BE"\ncategories = ["pubic"]', "categories", "bank, public, school"),
        ('country = "BE"\ncategories = []', "categories", "bank, public, school"),
    ],
)
def test_what_does_not_exist_is_refused_by_name(tmp_path: Path, table: str, setting: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load(tmp_path, table)
    assert f"sources.vrij.{setting} " in raised.value.sentence
    assert sentence in raised.value.sentence


def test_without_school_holidays_no_region_is_needed(tmp_path: Path) -> None:
    assert load(tmp_path, 'country = "NL"\ncategories = ["public"]').region is None


def test_nationwide_school_holidays_need_no_region(tmp_path: Path) -> None:
    assert load(tmp_path, 'country = "LA"').region is None


def test_every_setting_is_described() -> None:
    assert all(field.description for field in SOURCE.settings.model_fields.values())
