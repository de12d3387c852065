"""The HTML of teachers, whatever it is, becomes text in no time."""

import time

import pytest

from bridge.sources.somtoday.mapping.markup import plain

SOON = 0.5


@pytest.mark.parametrize("html", ["<!--" * 20_000, "<" * 80_000, "<li> " * 20_000, "&" * 80_000, "<a href='" * 9_000])
def test_80_kb_of_markup_do_not_hold_up_a_refresh(html: str) -> None:
    started = time.process_time()
    plain(html)
    assert time.process_time() - started < SOON


def test_a_tag_that_does_not_end_is_text() -> None:
    assert plain("<p>3 < 4</p> en a <b") == "3 < 4\nen a <b"
