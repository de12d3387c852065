"""Clean texts, which every calendar can contain."""

import hashlib
import re
from functools import lru_cache
from typing import Annotated

LONGEST_LINE, LONGEST_TEXT, LONGEST_ADDRESS = 500, 20_000, 2_000
_MOST_LINES = 100
_SHORT = 100
_UNPRINTABLE = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069\\ufeff\\ud800-\\udfff\\ufdd0-\\ufdef"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17))
    + "]"
)
_LINE_BREAKS = re.compile("\r\n|[\r\x85\u2028\u2029]")


def clean_text(text: str) -> str:
    r"""`text` without control characters, bidirectional overrides, lone surrogates and non-characters.

    Line breaks of all kinds become "\n". Tabs stay. White space at both ends is removed. What is longer than
    `LONGEST_TEXT` characters is shortened, with "…".
    """
    return _shortened(_printable(text), LONGEST_TEXT)


def _printable(text: str) -> str:
    if not text.isprintable():
        text = _UNPRINTABLE.sub("", _LINE_BREAKS.sub("\n", text))
    return text.strip()


def clean_line(text: str) -> str:
    """`text` as from `clean_text`, on one line with single spaces, of at most `LONGEST_LINE` characters."""
    return _short_line(text) if len(text) <= _SHORT else _shortened(_one_line(text), LONGEST_LINE)


@lru_cache(maxsize=2048)  # subjects, groups, teachers and rooms are the same all year
def _short_line(text: str) -> str:
    return _one_line(text)


def clean_lines(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Each of the first hundred `texts` as from `clean_line`, without those that are then empty."""
    return tuple(line for line in map(clean_line, texts[:_MOST_LINES]) if line)


def clean_name(text: str) -> str:
    """`text` on one line; what is longer than `LONGEST_LINE` characters ends with a digest, so that it stays unique."""
    line = _one_line(text)
    if len(line) <= LONGEST_LINE:
        return line
    digest = hashlib.sha256(line.encode()).hexdigest()
    return line[: LONGEST_LINE - len(digest)] + digest


def clean_address(text: str) -> str:
    """`text` on one line; empty if it is longer than `LONGEST_ADDRESS` characters: a part of it would not open."""
    line = _one_line(text)
    return line if len(line) <= LONGEST_ADDRESS else ""


def _one_line(text: str) -> str:
    if text.isprintable() and "  " not in text:  # so is nearly every text, and a space is all its white space
        return text.strip()
    return " ".join(_printable(text).split())


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


Line = Annotated[str, clean_line]
Name = Annotated[str, clean_name]
Address = Annotated[str, clean_address]
Text = Annotated[str, clean_text]
Lines = Annotated[tuple[str, ...], clean_lines]
