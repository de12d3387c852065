"""What axe says of a page."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

_GRAVE = ("serious", "critical")


async def faults(page: Page) -> list[str]:
    """What axe finds serious, or worse, on a page."""
    found = (await Axe().run(page)).response["violations"]
    return [
        f"{one['id']}: {one['help']}: {[node['html'][:80] for node in one['nodes']][:3]}"
        for one in found
        if one["impact"] in _GRAVE
    ]
