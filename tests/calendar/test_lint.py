"""The linter finds each fault that parsers let through, and nothing in a good calendar."""

import time

import pytest

from bridge.calendar.lint.linter import lint
from bridge.calendar.lint.rules import RULES, Problem
from tests.calendar.broken import BROKEN, FINE, GOOD
from tests.calendar.entries import rendered, week


def edited(old: str, new: str) -> bytes:
    assert old in GOOD
    return GOOD.replace(old, new, 1).encode("utf-8", "surrogateescape")


def test_a_good_calendar_has_no_problem() -> None:
    assert lint(GOOD.encode()) == ()


@pytest.mark.parametrize("language", ["nl", "en", "fr"])
def test_what_we_make_has_no_problem(language: str) -> None:
    assert lint(rendered(*week(), language=language)) == ()


@pytest.mark.parametrize(
    ("rule", "old", "new"), BROKEN, ids=[f"{number}-{rule}" for number, (rule, *_) in enumerate(BROKEN)]
)
def test_each_fault_is_found_and_no_other(rule: str, old: str, new: str) -> None:
    assert {problem.rule for problem in lint(edited(old, new))} == {rule}


@pytest.mark.parametrize(("old", "new"), FINE, ids=range(len(FINE)))
def test_what_is_unusual_but_right_is_let_through(old: str, new: str) -> None:
    assert lint(edited(old, new)) == ()


def test_every_rule_is_shown_to_work() -> None:
    assert {rule for rule, _, _ in BROKEN} == set(RULES)


def test_a_problem_tells_its_line_and_nothing_of_the_content() -> None:
    lines = GOOD.split("\r\n")
    folded = lines.index("  de regel die te lang is")
    assert lint(edited("Studiedag", "Studie;dag")) == (
        Problem(
            "text-escape",
            lines.index("SUMMARY:Studiedag") + 1,
            "A comma, semicolon or backslash in SUMMARY is not escaped, or something else is.",
        ),
    )
    assert lint(edited("die te lang", "die, te lang"))[0].line == folded
    assert lint(edited(" de regel die te lang is", "x" * 75))[0].line == folded + 1


def test_a_thousand_events_take_little_time() -> None:
    event = GOOD[GOOD.index("BEGIN:VEVENT") : GOOD.index("BEGIN:VEVENT\r\nUID:dag-1")]
    many = "".join(event.replace("UID:les-1", f"UID:les-{number}") for number in range(1000))
    calendar = GOOD.replace(event, many).encode()
    took = []
    for _ in range(3):
        started = time.process_time()
        assert lint(calendar) == ()
        took.append(time.process_time() - started)
    assert min(took) < 0.5  # 0.05 s on the developers' machine
