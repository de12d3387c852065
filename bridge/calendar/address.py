"""Addresses that a calendar program can open (RFC 3986, 3; RFC 5545, 3.3.13)."""

import re

_URI = re.compile(
    r"(?:https?://[^\s/?#<>\"{}|\\^`]|(?!https?:)[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`])[^\s<>\"{}|\\^`]*", re.IGNORECASE
)


def is_address(text: str) -> bool:
    """Whether `text` is an absolute URI; http and https addresses need a host."""
    return _URI.fullmatch(text) is not None
