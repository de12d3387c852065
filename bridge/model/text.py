"""Clean texts, which every calendar can contain."""

import re
from collections.abc import Callable
from dataclasses import replace

from bridge.model.event import Before, Event

_UNPRINTABLE = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\ufeff\\ud800-\\udfff\\ufdd0-\\ufdef"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17))
    + "]"
)
_LINE_BREAKS = re.compile("\r\n|[\r\x85\u2028\u2029]")


def clean_text(text: str) -> str:
    r"""`text` without control characters, lone surrogates and non-characters.

    Line breaks of all kinds become "\n". Tabs stay. White space at both ends is removed.
    """
    return _UNPRINTABLE.sub("", _LINE_BREAKS.sub("\n", text)).strip()


def clean_line(text: str) -> str:
    """`text` as from `clean_text`, on one line with single spaces."""
    return " ".join(clean_text(text).split())


def clean_event(event: Event) -> Event:
    """`event` with clean texts: notes may have several lines, all others have one."""

    def lines(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(line for line in map(clean_line, texts) if line)

    return replace(
        event,
        identity=clean_line(event.identity),
        title=clean_line(event.title),
        subject=clean_line(event.subject),
        code=clean_line(event.code),
        label=clean_line(event.label),
        groups=lines(event.groups),
        teachers=lines(event.teachers),
        locations=lines(event.locations),
        notes=clean_text(event.notes),
        reason=clean_line(event.reason),
        url=clean_line(event.url),
        conference=clean_line(event.conference),
        private_notes=clean_text(event.private_notes),
        before=event.before and _clean_before(event.before, lines),
        tasks=None if event.tasks is None else lines(event.tasks),
        colleague=clean_line(event.colleague),
        whose=clean_line(event.whose),
    )


def _clean_before(before: Before, lines: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Before:
    return Before(
        before.when,
        None if before.locations is None else lines(before.locations),
        None if before.teachers is None else lines(before.teachers),
    )
