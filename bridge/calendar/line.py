"""Content lines (RFC 5545, 3.1): escaped and folded, to the byte as the icalendar library writes them.

Written here because a whole calendar through that library takes many times as long; tests compare the two.
"""

from collections.abc import Iterable

_LONGEST = 74  # octets before a fold; a continuation begins with a space, which makes 75
_INTRODUCERS = (0x5C, 0x5E)  # \ and ^ go with what they introduce
_CONTINUATION = 0b1000_0000
_CONTINUATION_MASK = 0b1100_0000


def escape(text: str) -> str:
    r"""A TEXT value (3.3.11). A literal `\N` is a line break here too: parsers do not agree on any other writing."""
    return (
        text.replace("\\N", "\n")
        .replace("\\", "\\\\")
        .replace(";", "\\;")
        .replace(",", "\\,")
        .replace("\r\n", "\\n")
        .replace("\n", "\\n")
        .replace("\r", "\\n")
    )


def fold(line: str) -> bytes:
    """One content line in UTF-8 with no line over 75 octets, never cut within a character."""
    octets = line.encode()
    if len(octets) <= _LONGEST:
        return octets
    pieces = []
    start = 0
    while len(octets) - start > _LONGEST:
        end = start + _LONGEST
        while octets[end] & _CONTINUATION_MASK == _CONTINUATION:
            end -= 1
        if octets[end - 1] in _INTRODUCERS and end - start > 1:
            end -= 1
        pieces.append(octets[start:end])
        start = end
    pieces.append(octets[start:])
    return b"\r\n ".join(pieces)


def block(lines: Iterable[str]) -> bytes:
    """Content lines, each with its line break."""
    return b"\r\n".join(map(fold, lines)) + b"\r\n"
