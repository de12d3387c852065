"""Clean texts, which every calendar can contain."""

import re
from typing import Annotated

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
    if not text.isprintable():
        text = _UNPRINTABLE.sub("", _LINE_BREAKS.sub("\n", text))
    return text.strip()


def clean_line(text: str) -> str:
    """`text` as from `clean_text`, on one line with single spaces."""
    if text.isprintable() and "  " not in text:  # so is nearly every text, and a space is all its white space
        return text.strip()
    return " ".join(clean_text(text).split())


def clean_lines(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Each of `texts` as from `clean_line`, without those that are then empty."""
    return tuple(line for line in map(clean_line, texts) if line)


Line = Annotated[str, clean_line]
Text = Annotated[str, clean_text]
Lines = Annotated[tuple[str, ...], clean_lines]
