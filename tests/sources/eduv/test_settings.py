from typing import Any

import pytest
from pydantic import ValidationError

from bridge.settings.load import load_settings
from bridge.sources.eduv import SOURCE
from bridge.sources.eduv.reference import Reference
from bridge.sources.eduv.settings import EduvSettings

REQUIRED = {
    "type": "eduv",
    "api_url": "https://register.example.nl/v1",
    "token_url": "https://register.example.nl/oauth2/token",
    "client_id": "us",
    "client_secret": "hush",
}


def settings(**changes: Any) -> EduvSettings:
    return EduvSettings.model_validate(REQUIRED | changes)


def test_a_school_is_told_by_its_primary_identifier() -> None:
    assert settings(organisation=" 104A158 ").school == Reference("104A158")


def test_a_school_may_be_told_by_a_secondary_identifier_and_its_type() -> None:
    chosen = settings(organisation_id="27QQ00", organisation_id_type="V_ID")
    assert chosen.school == Reference("", "27QQ00", "V_ID")


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({}, "organisation"),
        ({"organisation": " "}, "organisation"),
        ({"organisation": "1", "organisation_id": "2", "organisation_id_type": "V_ID"}, "organisation"),
        ({"organisation_id": "27QQ00"}, "organisation_id_type"),
        ({"organisation": "1", "organisation_id_type": "V_ID"}, "organisation_id_type"),
        ({"organisation_id": "27QQ00", "organisation_id_type": "BRIN"}, "organisation_id_type"),
        ({"organisation": "1", "client_id": ""}, "client_id"),
        ({"organisation": "1", "client_secret": " \n"}, "client_secret"),
    ],
)
def test_what_is_missing_or_too_much_is_refused_by_name(changes: dict[str, str], setting: str) -> None:
    with pytest.raises(ValidationError) as raised:
        settings(**changes)
    assert [error["loc"] for error in raised.value.errors()] == [(setting,)]


@pytest.mark.parametrize("missing", ["api_url", "token_url", "client_id", "client_secret"])
def test_addresses_and_credentials_are_needed(missing: str) -> None:
    given = {name: value for name, value in REQUIRED.items() if name != missing}
    with pytest.raises(ValidationError, match=missing):
        EduvSettings.model_validate(given | {"organisation": "104A158"})


def test_the_secret_is_never_shown_and_may_come_from_a_variable() -> None:
    variables = {f"BRIDGE_SOURCES__REGISTER__{name.upper()}": value for name, value in REQUIRED.items()}
    variables |= {
        "BRIDGE_SOURCES__REGISTER__ORGANISATION": "104A158",
        "BRIDGE_SOURCES__REGISTER__NAMES_FOR": " register , register",
    }
    chosen = load_settings(None, {"eduv": SOURCE.settings}, variables).sources["register"]
    assert isinstance(chosen, EduvSettings)
    assert chosen.client_secret.get_secret_value() == "hush"
    assert chosen.names_for == ["register", "register"]
    assert "hush" not in repr(chosen) + chosen.as_text


def test_a_register_is_read_once_a_day_and_is_nobodys_account() -> None:
    assert SOURCE.interval is not None
    assert SOURCE.interval.total_seconds() == 86400
    assert not SOURCE.accounts
