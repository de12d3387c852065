from typing import Any

import pytest
from pydantic import ValidationError

from bridge.sources.mytimetable.settings import MyTimetableSettings

REQUIRED = {"type": "mytimetable", "api_url": "https://rooster.example.nl"}


def settings(**changes: Any) -> MyTimetableSettings:
    return MyTimetableSettings.model_validate(REQUIRED | changes)


def test_the_address_is_all_that_has_to_be_set() -> None:
    chosen = settings()
    assert chosen.api_token is None
    assert chosen.username_template == "{username}"
    assert chosen.types == []
    assert chosen.exclude_resource_timetables


def test_an_address_is_needed() -> None:
    with pytest.raises(ValidationError, match="api_url"):
        MyTimetableSettings.model_validate({"type": "mytimetable"})


@pytest.mark.parametrize("template", ["UVA\\username", "{}", "", "{username}\r\nX: y"])
def test_a_template_is_one_line_with_the_user_name_in_it(template: str) -> None:
    with pytest.raises(ValidationError, match="username"):
        settings(username_template=template)


def test_types_may_be_a_list_or_words_with_commas() -> None:
    assert settings(types="module, studentset").types == settings(types=["module", "studentset"]).types


def test_a_token_is_one_line_and_space_around_it_is_dropped() -> None:
    token = settings(api_token=" abc\n").api_token
    assert token is not None
    assert token.get_secret_value() == "abc"
    assert settings(api_token=" ").api_token is None
    with pytest.raises(ValidationError, match="one line"):
        settings(api_token="a\nb")


def test_a_token_is_never_shown() -> None:
    assert "abc" not in repr(settings(api_token="abc"))


def test_every_setting_is_described() -> None:
    assert all(field.description for field in MyTimetableSettings.model_fields.values())
