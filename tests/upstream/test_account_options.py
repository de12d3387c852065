"""What can be chosen for an account, and what cannot."""

import pytest
from pydantic import Field

from bridge.errors import ConfigError
from bridge.upstream.account_options import AccountOptions


class Options(AccountOptions):
    groups: str = ""
    week: int = Field(1, ge=1)


def test_options_are_parsed_and_the_others_have_their_defaults() -> None:
    assert Options.parse({"week": "3"}, "The club") == Options(groups="", week=3)


@pytest.mark.parametrize(
    ("options", "given", "sentence"),
    [
        (AccountOptions, {"colour": "red"}, "An account at The club has no option colour; there is none."),
        (
            Options,
            {"group": "5a"},
            "An account at The club has no option group; the nearest known one is groups.",
        ),
        (
            Options,
            {"week": "0"},
            "The option week of an account at The club is not valid: Input should be greater than or equal to 1.",
        ),
    ],
)
def test_what_cannot_be_chosen_is_named_in_one_sentence(
    options: type[AccountOptions], given: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        options.parse(given, "The club")
    assert raised.value.sentence == sentence
