"""What users and feeds may be called."""

import unicodedata

from bridge.model.text import clean_line

LONGEST_NAME, LONGEST_TITLE, LONGEST_FEED_NAME = 64, 200, 128
_FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def tidy_user_name(text: str) -> str:
    """The name of a user, without white space at its ends.

    Raises:
        ValueError: it is not a valid name. The message says why.
    """
    name = text.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise ValueError(f"a user's name has 1 to {LONGEST_NAME} characters")
    if name in {".", ".."} or set(name) & set("/,") or any(unicodedata.category(sign) in _FORBIDDEN for sign in name):
        raise ValueError("a user's name has no comma, slash, control or invisible character, and is not a dot or two")
    return name


def tidy_account_name(text: str) -> str:
    """The name of one of several accounts; empty for the usual one. Raises ValueError if it is not valid."""
    try:
        return tidy_user_name(text) if text.strip() else ""
    except ValueError as error:
        raise ValueError(str(error).replace("a user's name", "the name of an account")) from None


def tidy_title(text: str) -> str:
    """A title on one line. Raises ValueError if it is too long."""
    title = clean_line(text)
    if len(title) > LONGEST_TITLE:
        raise ValueError(f"a title has at most {LONGEST_TITLE} characters")
    return title


def tidy_feed_name(text: str) -> str:
    """The name of a feed, without white space at its ends. Raises ValueError if it is not valid."""
    name = text.strip()
    if not name or len(name) > LONGEST_FEED_NAME or not name.isprintable() or "," in name:
        raise ValueError(f"a name is printable, without a comma, and has at most {LONGEST_FEED_NAME} characters")
    return name
