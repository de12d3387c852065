"""Help for who mistyped a name."""

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str], form: str = "{}") -> str:
    """The end of a sentence about an unknown name: the known one that is near it, else all of them.

    `form` is how a name is written.
    """
    names = [str(one) for one in known]
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return f"the nearest known one is {form.format(near[0])}"
    return f"known are {', '.join(form.format(one) for one in names)}" if names else "there is none"
