"""What calendar programs stumble over and parsers let through, found in the bytes of a calendar.

It knows nothing of how the bytes were made, so that it can be asked whether they may go out.
"""

from bridge.calendar.lint.components import Inspection
from bridge.calendar.lint.lines import Lines
from bridge.calendar.lint.rules import Problem


def lint(calendar: bytes) -> tuple[Problem, ...]:
    """All that is wrong with a calendar, by line; whatever bytes they are, this never raises."""
    lines = Lines(calendar)
    found = [Problem.of(rule, number) for rule, number in lines.breaches()]
    found += [Problem.of(rule, lines.number(index), name) for rule, index, name in Inspection(lines.content).breaches()]
    return tuple(sorted(set(found), key=lambda problem: (problem.line, problem.rule, problem.sentence)))
