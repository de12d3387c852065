"""Find what breaks calendar programs in the bytes of a calendar."""

from bridge.calendar.lint.components import Inspection
from bridge.calendar.lint.lines import Lines
from bridge.calendar.lint.rules import Problem


def lint(calendar: bytes) -> tuple[Problem, ...]:
    """All problems of a calendar, sorted by line. It raises for no bytes."""
    lines = Lines(calendar)
    found = [Problem.of(rule, number) for rule, number in lines.breaches()]
    found += [Problem.of(rule, lines.number(index), name) for rule, index, name in Inspection(lines.content).breaches()]
    return tuple(sorted(set(found), key=lambda problem: (problem.line, problem.rule, problem.sentence)))
