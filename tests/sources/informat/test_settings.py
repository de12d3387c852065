from typing import Any

import pytest
from pydantic import ValidationError

from bridge.sources.informat.settings import InformatSettings

REQUIRED = {"type": "informat", "client_id": "informat_customer_x", "client_secret": "s3cret", "institute": "123456"}


def settings(**changes: Any) -> InformatSettings:
    return InformatSettings.model_validate(REQUIRED | changes)


def test_credentials_and_an_institute_are_all_that_has_to_be_set() -> None:
    chosen = settings()
    assert chosen.api_url == "https://personeelsapi.informatsoftware.be"
    assert chosen.auth_url == "https://www.identityserver.be"
    assert chosen.timezone == "Europe/Brussels"
    assert chosen.structure == ""
    assert not chosen.name_substitutes


@pytest.mark.parametrize("name", ["client_id", "client_secret", "institute"])
def test_what_is_needed_is_named(name: str) -> None:
    with pytest.raises(ValidationError, match=name):
        InformatSettings.model_validate({key: value for key, value in REQUIRED.items() if key != name})


@pytest.mark.parametrize(
    ("written", "read"), [("123456", "123456"), ("12345", "012345"), (" 1 ", "000001"), (32847, "032847")]
)
def test_an_institute_has_six_digits_whatever_zeros_were_left_out(written: object, read: str) -> None:
    assert settings(institute=written).institute == read


@pytest.mark.parametrize("written", ["", "1234567", "12 345", "-12345", "x", None, True, 1.5, "\u0661\u0662"])
def test_what_is_no_number_of_an_institute_is_refused(written: object) -> None:
    with pytest.raises(ValidationError, match="six digits"):
        settings(institute=written)


@pytest.mark.parametrize(("written", "read"), [("311", "311"), (" 311 ", "311"), (211, "211"), ("", "")])
def test_a_structure_has_three_digits_or_is_left_out(written: object, read: str) -> None:
    assert settings(structure=written).structure == read


@pytest.mark.parametrize("written", ["31", "3111", "abc", None, False])
def test_what_is_no_structure_is_refused(written: object) -> None:
    with pytest.raises(ValidationError, match="three digits"):
        settings(structure=written)


@pytest.mark.parametrize("name", ["client_id", "client_secret"])
def test_credentials_are_one_line_and_space_around_them_is_dropped(name: str) -> None:
    value = getattr(settings(**{name: " abc\n"}), name)
    assert (value if name == "client_id" else value.get_secret_value()) == "abc"
    for wrong in ("", " ", "a\nb"):
        with pytest.raises(ValidationError, match="one line"):
            settings(**{name: wrong})


def test_the_secret_is_never_shown() -> None:
    chosen = settings()
    assert "s3cret" not in repr(chosen) + chosen.as_text
