"""Which texts are addresses that a calendar program can follow (RFC 3986, 3; RFC 5545, 3.3.13)."""

import re

_URI = re.compile(
    r"(?:https?://[^\s/?#<>\"{}|\\^`]|(?!https?:)[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`])[^\s<>\"{}|\\^`]*", re.IGNORECASE
)


def is_address(text: str) -> bool:
    """Whether it is an absolute URI, with a host where it is a web address."""
    return _URI.fullmatch(text) is not None
