"""What axe says of a page."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from tests.conftest import slow

_GRAVE = ("serious", "critical")


async def faults(page: Page) -> list[str]:
    """What axe finds serious, or worse, on a page."""
    found = (await Axe().run(page)).response["violations"]
    return [
        f"{one['id']}: {one['help']}: {[node['html'][:80] for node in one['nodes']][:3]}"
        for one in found
        if one["impact"] in _GRAVE
    ]


in_each_scheme = pytest.mark.parametrize(
    "scheme",
    [
        "light",
        pytest.param(
            "dark",
            marks=slow("the guides' pictures but a pupil's, axe on dark pages, and the weeks of five people, drawn"),
        ),
    ],
)
"""A mark of tests whose argument `scheme` is light, or dark where the slow ones run."""
