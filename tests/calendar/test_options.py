"""What can be chosen for a feed, and what cannot."""

from typing import Literal, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.calendar.options import FIELDS, FeedOptions, Form, OptionError
from tests.calendar.entries import entry, rendered, titles, week

TITLE_FIELDS = "known are {subject}, {group}, {teacher}, {location}, {code}"

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
    assert raised.value.sentence == f'No feed option is called "{given}"; the nearest known one is "{nearest}".'


def test_an_unknown_value_names_all() -> None:
    with pytest.raises(OptionError, match="takes mark, status, hide; not gone"):
        FeedOptions.parse({"cancelled": "gone"})


def test_every_option_has_a_description_and_a_default_that_is_allowed() -> None:
    for name, field in FIELDS.items():
        assert field.description
        allowed = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
        assert bool(allowed) != any(isinstance(marker, Form) for marker in field.metadata)
        if allowed:
            chosen = {FeedOptions.parse({name: value}) for value in allowed}
            assert FeedOptions.parse({name: allowed[0]}) == FeedOptions()
            assert len(chosen) == len(allowed)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("alarms", "none"),
        ("merge_double", "off"),
        ("past", "all"),
        ("future", "all"),
        ("title", ""),
        ("include", ""),
        ("exclude", " , "),
    ],
)
def test_what_is_the_default_can_be_said(name: str, value: str) -> None:
    assert FeedOptions.parse({name: value}) == FeedOptions()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("alarms", "lesson", "The feed option alarms takes none or reminders such as lesson:10m,exam:1d; not lesson."),
        (
            "alarms",
            "lesson:5m,",
            "The feed option alarms takes none or reminders such as lesson:10m,exam:1d; not nothing.",
        ),
        ("alarms", "lessons:5m", "The feed option alarms has no kind lessons; the nearest known one is lesson."),
        (
            "alarms",
            "exam:soon",
            (
                "The feed option alarms cannot read soon: "
                'a duration is a number and a unit, such as "10s", "30m" or "60d".'
            ),
        ),
        ("merge_double", "on", "The feed option merge_double takes off or minutes up to 240, such as 5; not on."),
        ("merge_double", "", "The feed option merge_double takes off or minutes up to 240, such as 5; not nothing."),
        ("merge_double", "241", "The feed option merge_double takes off or minutes up to 240, such as 5; not 241."),
        ("merge_double", "-1", "The feed option merge_double takes off or minutes up to 240, such as 5; not -1."),
        ("past", "36h", "The feed option past takes all or whole days, such as 30d; not 36h."),
        ("future", "soon", "The feed option future takes all or whole days, such as 30d; not soon."),
        ("future", "999999w", "The feed option future takes all or whole days, such as 30d; not 999999w."),
        (
            "title",
            "{room}",
            f"The feed option title has no field {{room}}; {TITLE_FIELDS}.",
        ),
        (
            "title",
            "{}",
            f"The feed option title has no field {{}}; {TITLE_FIELDS}.",
        ),
        (
            "title",
            "{code.upper}",
            f"The feed option title has no field {{code.upper}}; {TITLE_FIELDS}.",
        ),
        ("title", "{code!r}", "The feed option title inserts {code} unchanged; leave out what follows the name."),
        (
            "title",
            "{code",
            "The feed option title has a brace that is not closed or not opened; write {{ and }} for braces.",
        ),
        ("privacy", "bsy", "The feed option privacy takes full, busy; not bsy."),
        ("categories", "no", "The feed option categories takes on, off; not no."),
        ("holiday_clears", "on", "The feed option holiday_clears takes off, mark; not on."),
    ],
)
def test_a_wrong_value_has_a_clear_sentence(name: str, value: str, sentence: str) -> None:
    with pytest.raises(OptionError) as raised:
        FeedOptions.parse({name: value})
    assert raised.value.sentence == sentence


values = st.text(max_size=30) | st.text("{}!:.a0dm,*?off", max_size=12)


@given(name=st.sampled_from(sorted(FIELDS)), value=values)
def test_no_value_is_worse_than_an_error(name: str, value: str) -> None:
    try:
        FeedOptions.parse({name: value})
    except OptionError as error:
        wrong = error.sentence
    else:
        wrong = ""
        assert rendered(*week(), **{name: value})
    assert not wrong or wrong.startswith(f"The feed option {name} ")


def test_compression_can_be_switched_off() -> None:
    assert FeedOptions().compress == "on"
    assert FeedOptions.parse({"compress": "off"}).compress == "off"
