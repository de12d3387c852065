"""The patterns of the options `include` and `exclude`."""

import re
from dataclasses import dataclass

LONGEST = 200
"""The most characters in a pattern."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Texts with `*` between them, each with `?` for any character; one without a wildcard matches anywhere.

    Each text is looked for once, from where the one before it ends. So no title takes longer than its length times that
    of the pattern; a regular expression with several `.*` can take forever.
    """

    texts: tuple[re.Pattern[str], ...]
    lengths: tuple[int, ...]
    anywhere: bool

    @classmethod
    def parse(cls, text: str) -> "Pattern":
        """Parse a pattern.

        Raises:
            ValueError: it is too long. The message continues "The feed option include".
        """
        if len(text) > LONGEST:
            raise ValueError(f"takes patterns of at most {LONGEST} characters.")
        texts = text.split("*")
        found = tuple(re.compile(re.escape(one).replace(r"\?", "."), re.IGNORECASE | re.DOTALL) for one in texts)
        return cls(found, tuple(map(len, texts)), anywhere=not set(text) & set("*?"))

    def matches(self, title: str) -> bool:
        """Whether a title matches, whatever its case."""
        first, last = self.texts[0], self.texts[-1]
        if self.anywhere:
            return first.search(title) is not None
        if len(self.texts) == 1:
            return first.fullmatch(title) is not None
        begun, end = self.lengths[0], len(title) - self.lengths[-1]
        if end < begun or not first.match(title) or not last.match(title, end):
            return False
        for text in self.texts[1:-1]:
            found = text.search(title, begun, end)
            if found is None:
                return False
            begun = found.end()
        return True
