"""Each promise names a test that is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_each_promise_names_a_test_that_is_there() -> None:
    lines = (ROOT / "docs" / "promises.md").read_text("utf-8").partition("| --- |")[2].splitlines()[1:]
    named = [found for line in lines if (found := NAMED.search(line))]
    assert len(named) == len(lines)
    missing = [found[0] for found in named if f"def {found[2]}(" not in (ROOT / found[1]).read_text("utf-8")]
    assert missing == []
