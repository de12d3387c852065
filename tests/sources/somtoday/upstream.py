"""Answers that a test puts in the place of the stand-in's own."""

import re
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from tests.faults import Handler

LESSONS = "/rest/v1/afspraken"
ASKED = "GET /rest/v1/afspraken"


def in_turn(*answers: Handler) -> Handler:
    """One answer after the other, and the last one from then on."""
    left = list(answers)

    async def answer(request: web.Request) -> web.StreamResponse:
        return await (left.pop(0) if len(left) > 1 else left[0])(request)

    return answer


def paging(
    items: Sequence[Any],
    *,
    total: str = "",
    largest: int = 100,
    beyond: int = 416,
    says_range: bool = True,
) -> Handler:
    """A list in pages.

    Args:
        items: all of it.
        total: what it says that there are; default: as many as there are.
        largest: the most that come in one page.
        beyond: what it answers to a page after the last: 416, or 206 with nothing.
        says_range: whether it sends Content-Range.
    """

    async def answer(request: web.Request) -> web.StreamResponse:
        match = re.fullmatch(r"items=(\d+)-(\d+)", request.headers["Range"])
        assert match is not None
        first = int(match[1])
        found = items[first : min(int(match[2]) + 1, first + largest)]
        extent = f"{first}-{first + len(found) - 1}" if found else "*"
        headers = {"Content-Range": f"items {extent}/{total or len(items)}"} if says_range else {}
        if first and not found and beyond == web.HTTPRequestRangeNotSatisfiable.status_code:
            return web.Response(status=beyond, headers=headers)
        return web.json_response({"items": found}, status=206, headers=headers)

    return answer
