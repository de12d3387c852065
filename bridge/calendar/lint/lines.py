"""From octets to content lines (RFC 5545, 3.1)."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

_LONGEST = 75
_FOLD = b" \t"
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff]")


@dataclass(frozen=True)
class Lines:
    """A calendar as lines, with any line endings."""

    octets: bytes

    @cached_property
    def physical(self) -> list[bytes]:
        """The physical lines."""
        return self.octets.splitlines()

    @cached_property
    def _folded(self) -> tuple[list[bytes], list[int]]:
        whole: list[bytes] = []
        starts: list[int] = []
        for number, line in enumerate(self.physical, 1):
            if line[:1] in _FOLD and whole:  # an empty line adds nothing
                whole[-1] += line[1:]
            else:
                whole.append(line)
                starts.append(number)
        return whole, starts

    @cached_property
    def content(self) -> list[str]:
        """The unfolded lines. What is not UTF-8 is replaced."""
        if self._plain:
            return self.octets.replace(b"\r\n ", b"").removesuffix(b"\r\n").decode(errors="replace").split("\r\n")
        whole, _ = self._folded
        return b"\n".join(whole).decode(errors="replace").split("\n") if whole else []

    @cached_property
    def _whole(self) -> bool:
        """Whether each line ends in CRLF, and CR and LF are nowhere else."""
        return self.octets.endswith(b"\r\n") and len(self.physical) == self.octets.count(b"\r\n")

    @cached_property
    def _plain(self) -> bool:
        """Whether all is as most programs write it: no empty lines, folded with a space, the first line not folded."""
        usual = self._whole and self.octets[:1] not in b"\r \t"
        return usual and b"\r\n\t" not in self.octets and b"" not in self.physical

    def number(self, index: int) -> int:
        """The physical line on which a content line begins, counted from 1."""
        _, starts = self._folded
        return starts[index] if index < len(starts) else max(len(self.physical), 1)

    def breaches(self) -> Iterator[tuple[str, int]]:
        """The broken rules about octets, each with its line."""
        lines = self.physical
        if not self._whole:
            for number, line in enumerate(self.octets.splitlines(keepends=True), 1):
                if not line.endswith(b"\r\n"):
                    yield "line-ending", number
        if b"" in lines:
            yield from (("empty-line", number) for number, line in enumerate(lines, 1) if not line)
        if max(map(len, lines), default=0) > _LONGEST:
            yield from (("line-length", number) for number, line in enumerate(lines, 1) if len(line) > _LONGEST)
        if not _is_text(self.octets):
            yield from self._undecoded()
        if _UNWANTED.search("\n".join(self.content)):
            yield from (
                ("control-character", self.number(index))
                for index, line in enumerate(self.content)
                if _UNWANTED.search(line)
            )

    def _undecoded(self) -> Iterator[tuple[str, int]]:
        whole, starts = self._folded
        for number, line in enumerate(self.physical, 1):
            if not _is_text(line):
                unfolded = whole[bisect_right(starts, number) - 1]
                yield ("split-character" if _is_text(unfolded) else "utf-8"), number


def _is_text(octets: bytes) -> bool:
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return True
