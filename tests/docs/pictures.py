"""The pictures of the guides: what somebody sees at a step of a journey, and the words in it.

The words stand beside each picture, so that a test notices when a page says something else than its picture.
`ROOSTERBRIDGE_TEST_PICTURES=docs/images .venv/bin/python -m pytest tests/server/pages/test_journeys.py` takes them, and
those of the operator's pages with `tests/server/admin/test_browser.py`.
"""

import os
import re
from difflib import unified_diff
from pathlib import Path

from playwright.async_api import Page

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "images"
PICTURES = "ROOSTERBRIDGE_TEST_PICTURES"
SIZE = {"width": 360, "height": 620}
_WORDS = """height => [...document.querySelectorAll("h1, h2, h3, p, a, button, label, li, summary")]
    .filter(one => one.getClientRects().length && one.getBoundingClientRect().bottom < height)
    .filter(one => !one.closest(".skip") && !one.querySelector("h1, h2, h3, p, a, button, label, li, summary"))
    .map(one => one.innerText.trim().replace(/\\s+/g, " ")).filter(text => text).join("\\n")"""
_AGO = re.compile(r"as of .+ ago")
_ASKED = re.compile(r"[\d.]+ of (\d+) requests")
"""How many requests were sent: it depends on what a service that is running has refreshed by itself meanwhile."""


def used() -> set[str]:
    """The names of the pictures that pages show."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    return {name for page in pages for name in re.findall(r"images/([a-z]+-[a-z-]+)\.png", page.read_text("utf-8"))}


def _folder() -> tuple[Path, bool]:
    """Where pictures are, and whether they are to be taken."""
    asked = os.environ.get(PICTURES)
    return (FOLDER, False) if asked is None else (Path(asked).resolve(), True)


def _height(page: Page) -> int:
    return (page.viewport_size or SIZE)["height"]


async def look(page: Page, name: str) -> None:
    """Take the picture of that name, where the environment asks for it; else check that its words are still true."""
    folder, take = _folder()
    if folder == FOLDER and name not in used():
        return
    await page.evaluate("scrollTo(0, 0)")
    words = _AGO.sub("as of a minute ago", str(await page.evaluate(_WORDS, _height(page) - 40))) + "\n"
    words = _ASKED.sub(r"some of \1 requests", words)
    file = folder / f"{name}.txt"
    if not take:
        again = f"take it again: run this test with {PICTURES}=docs/images"
        differs = "\n".join(unified_diff(file.read_text("utf-8").splitlines(), words.splitlines(), lineterm=""))
        assert not differs, f"the picture {name}.png is out of date; {again}\n{differs}"
        return
    file.write_text(words, "utf-8")
    await page.screenshot(path=folder / f"{name}.png", full_page=folder != FOLDER)
