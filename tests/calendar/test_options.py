"""What can be chosen for a feed, and what cannot."""

import pytest

from bridge.calendar.options import FeedOptions, OptionError, option_values
from tests.calendar.entries import entry, titles

LESSONS = [entry(title, title=title) for title in ("Wiskunde A", "Wiskunde B", "Mentoruur", "Fr. (extra)")]


@pytest.mark.parametrize(
    ("pattern", "chosen"),
    [
        ("wiskunde", {"Wiskunde A", "Wiskunde B"}),
        ("WISKUNDE a", {"Wiskunde A"}),
        ("*b", {"Wiskunde B"}),
        ("wiskunde ?", {"Wiskunde A", "Wiskunde B"}),
        ("?", set()),
        ("uur, extra", {"Mentoruur", "Fr. (extra)"}),
        ("r. (", {"Fr. (extra)"}),
        ("[ab]", set()),
        (" , ", set()),
        ("*", {"Wiskunde A", "Wiskunde B", "Mentoruur", "Fr. (extra)"}),
    ],
)
def test_patterns_choose_by_title(pattern: str, chosen: set[str]) -> None:
    assert set(titles(*LESSONS, exclude=pattern)) == {one.event.title for one in LESSONS} - chosen
    if pattern.strip(" ,"):
        assert set(titles(*LESSONS, include=pattern)) == chosen


def test_include_and_exclude_work_together() -> None:
    assert titles(*LESSONS, include="wiskunde", exclude="*b") == ["Wiskunde A"]


def test_patterns_see_what_the_feed_shows() -> None:
    absence = entry(kind="absence", title="Ziek", reason="Griep")
    assert titles(absence, include="griep") == []
    assert titles(absence, include="griep", absence_details="reason") == ["Griep"]


@pytest.mark.parametrize(
    ("given", "nearest"),
    [("canceled", "cancelled"), ("lang", "language"), ("excludes", "exclude"), ("absence", "absence_details")],
)
def test_an_unknown_option_names_the_nearest(given: str, nearest: str) -> None:
    with pytest.raises(OptionError) as raised:
        FeedOptions.parse({given: "x"})
    assert raised.value.sentence == f"There is no feed option {given}; the nearest known one is {nearest}."


def test_an_unknown_value_names_all() -> None:
    with pytest.raises(OptionError, match="takes mark, status, hide; not gone"):
        FeedOptions.parse({"cancelled": "gone"})


def test_every_option_has_a_description_and_a_default_that_is_allowed() -> None:
    for name, (attribute, allowed, description) in option_values().items():
        assert description
        default = getattr(FeedOptions(), attribute)
        assert not allowed or default == allowed[0]
        assert FeedOptions.parse({name: default}) == FeedOptions()


def test_compression_can_be_switched_off() -> None:
    assert FeedOptions().compress
    assert not FeedOptions.parse({"compress": "off"}).compress
