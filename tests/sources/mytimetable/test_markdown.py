import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.sources.mytimetable.markdown import LONGEST, plain_text


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("# This is a header formatted with Markdown", "This is a header formatted with Markdown"),
        ("Some content.", "Some content."),
        ("One *more* **bold** `word`\non the same line", "One more bold word on the same line"),
        ("First\n\nSecond  \nwith a break", "First\n\nSecond\nwith a break"),
        ("- a\n- b\n  - c", "- a\n- b\n  - c"),
        ("3. three\n4. four", "3. three\n4. four"),
        ("> quoted\n\n---\n\n    code", "quoted\n\ncode"),
        ("[Timetable](https://rooster.example.nl/)", "Timetable (https://rooster.example.nl/)"),
        ("<https://rooster.example.nl/>", "https://rooster.example.nl/"),
        ("<help@example.nl> ![map of *D*](d.png)", "help@example.nl map of D"),
        ("Fish &amp; chips <b>", "Fish & chips <b>"),
        ("", ""),
    ],
)
def test_markdown_reads_as_a_person_would_type_it(markdown: str, text: str) -> None:
    assert plain_text(markdown) == text


def test_a_very_long_text_ends_in_an_ellipsis() -> None:
    text = plain_text("word " * LONGEST)
    assert len(text) <= LONGEST + 2
    assert text.endswith("word …")


@given(st.text("a b", min_size=1).filter(lambda text: text.strip()))
def test_words_without_marks_stay_as_they_are(text: str) -> None:
    assert plain_text(text).split() == text.split()


@given(st.text("a*_`[]()<>#-+1.!\\ \n>\t&;", max_size=60))
def test_any_text_at_all_becomes_text(text: str) -> None:
    assert isinstance(plain_text(text), str)
