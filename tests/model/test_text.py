"""Texts of upstreams fit into every calendar, and into a person's patience."""

from bridge.model.text import clean_address, clean_line, clean_lines, clean_name, clean_text


def test_a_title_has_at_most_500_characters_and_a_text_20_000_and_what_is_shortened_says_so() -> None:
    assert clean_line("a" * 500) == "a" * 500
    assert clean_line("a " * 300) == "a " * 249 + "a…"
    assert clean_text("b" * 20_000) == "b" * 20_000
    assert clean_text("b" * 20_001) == "b" * 19_999 + "…"


def test_nothing_turns_around_how_a_line_reads() -> None:
    assert clean_line("Les \u202ediw\u202c \u2066x\u2069") == "Les diw x"
    assert clean_line("\u05e9\u05dc\u05d5\u05dd\u200f!") == "\u05e9\u05dc\u05d5\u05dd\u200f!"


def test_long_names_of_two_things_stay_two() -> None:
    one, other = (clean_name("a" * 600 + end) for end in "xy")
    assert one != other
    assert len(one) == len(other) == 500


def test_an_address_too_long_to_open_is_left_out() -> None:
    assert clean_address("https://example.nl/" + "a" * 1900)
    assert clean_address("https://example.nl/" + "a" * 2000) == ""


def test_a_lesson_names_at_most_a_hundred_teachers() -> None:
    assert len(clean_lines(tuple(f"t{number}" for number in range(60_000)))) == 100
