"""What commands print of others' words, without anything that a terminal would obey."""

import re
import sys

# escape sequences begin with one of the first two ranges; the others turn the direction of a text around
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def shown(text: str) -> str:
    """`text` with "\N{REPLACEMENT CHARACTER}" for control and direction characters; lines and tabs stay."""
    return text if text.isprintable() else _OBEYED.sub("\N{REPLACEMENT CHARACTER}", text)


def shown_json(text: str) -> str:
    """JSON with escapes for these characters, which means the same."""
    return text if text.isprintable() else _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def tell(sentence: str) -> None:
    """Print a sentence on standard error."""
    print(shown(sentence), file=sys.stderr, flush=True)
