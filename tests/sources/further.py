"""The page that says what becomes of a part when a further request of it fails; the contract test writes it."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "further.md"
WRITES = "ROOSTERBRIDGE_TEST_TABLES"
"""The variable with which the tests write the page."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What came of one way in which a further request failed."""

    part: str
    request: str
    way: str
    kept: str
    ok: str
    sentence: str


def table(failures: Iterable[Failure]) -> str:
    """A row for each request and sentence, with the ways of failing that lead to it."""
    rows: dict[tuple[str, str, str, str], tuple[dict[str, None], dict[str, None]]] = {}
    for one in failures:
        parts, ways = rows.setdefault((one.request, one.kept, one.ok, one.sentence), ({}, {}))
        parts[one.part] = ways[one.way] = None
    lines = [
        "| further request | of | fails with | events kept | ok | sentence |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for (request, kept, ok, sentence), (parts, ways) in rows.items():
        lines.append(f"| `{request}` | {', '.join(parts)} | {', '.join(ways)} | {kept} | {ok} | {sentence} |")
    return "\n".join(lines)


def assert_on_page(source: str, told: str) -> None:
    """The page has this table of a source, or is written so where the variable asks for it."""
    start, end = f"<!-- {source} -->\n", f"\n<!-- /{source} -->"
    text = PAGE.read_text("utf-8")
    before, found, rest = text.partition(start)
    assert found, f"docs/further.md has no place for {source}"
    known, _, after = rest.partition(end)
    if os.environ.get(WRITES):
        PAGE.write_text(f"{before}{start}{told}{end}{after}", "utf-8")
    else:
        assert known == told, (
            f"write it with: {WRITES}=1 ROOSTERBRIDGE_TEST_SLOW=1 pytest -n0 tests/sources/test_further.py"
        )
