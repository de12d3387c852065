"""Patterns choose by title, as quickly whatever they are."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.calendar.options import FeedOptions, OptionError
from bridge.calendar.pattern import LONGEST, Pattern

SOON = 0.2
LETTERS = st.text("ab*?. ", max_size=12)


def as_regex(pattern: str) -> re.Pattern[str]:
    """What a pattern means, told in the way that can take for ever."""
    escaped = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(rf"\A{escaped}\Z" if set(pattern) & set("*?") else escaped, re.IGNORECASE | re.DOTALL)


@given(LETTERS, st.text("abAB. ", max_size=12))
def test_a_pattern_matches_what_its_wildcards_say(pattern: str, title: str) -> None:
    assert Pattern.parse(pattern).matches(title) is bool(as_regex(pattern).search(title))


@pytest.mark.parametrize("pattern", ["*?" * 90 + "*~", "*a" * 99 + "~", "*" + "?" * 190 + "x*~", "a*" * 100, "?" * 200])
def test_no_pattern_holds_up_a_feed(pattern: str) -> None:
    options = FeedOptions.parse({"include": ",".join([pattern] * 5)})
    started = time.process_time()
    for _ in range(400):
        options.selects("a" * 500)
    assert time.process_time() - started < SOON * 5


def test_a_pattern_may_have_200_characters_and_no_more() -> None:
    FeedOptions.parse({"exclude": "é" * LONGEST})
    with pytest.raises(OptionError, match=r"^The feed option exclude takes patterns of at most 200 characters\.$"):
        FeedOptions.parse({"exclude": "Wiskunde," + "é" * (LONGEST + 1)})
