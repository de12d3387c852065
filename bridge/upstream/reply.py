"""Answers to requests, and the JSON in them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from bridge.errors import BadResponse, nameless
from bridge.upstream.receive import LARGE

LARGEST_LIST = 16 * 1024 * 1024
_MOST_VALUES, _MOST_CONTAINERS = 600_000, 200_000

Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes of an answer, in the pieces in which they came; joined only when they are read."""

    pieces: tuple[bytes, ...]

    def __bytes__(self) -> bytes:
        return b"".join(self.pieces)

    def __len__(self) -> int:
        return sum(map(len, self.pieces))


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer. `origin` is the name of the upstream for people."""

    status: int
    headers: Headers
    body: Body
    origin: str

    def json(self) -> Any:
        """The body as JSON. The last value of a repeated key is used.

        Raises:
            BadResponse: it is empty, a web page, XML, cut off or not JSON for another reason.
        """
        return parse_json(self.body, self.origin)


def expect_reasonable(pages: Sequence[Body], origin: str) -> None:
    """Raise BadResponse if a list has more bytes than any list of a person has."""
    if sum(map(len, pages)) > LARGEST_LIST:
        raise BadResponse(f"{origin} sent a list of more than {LARGEST_LIST // (1024 * 1024)} MiB.")


def parse_json(document: Body | bytes, origin: str) -> Any:
    """Parse `document` as JSON; see `Reply.json`.

    An integer beyond 64 bits may come as a float.
    """
    body = bytes(document)
    _expect_few_values(body, origin)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _parse_blemished(body, origin)


def _expect_few_values(body: bytes, origin: str) -> None:
    """Raise BadResponse if parsing would take hundreds of megabytes, or hold up everything else for a second.

    Commas and brackets in texts count as well, which in no real answer makes a difference.
    """
    if len(body) > LARGE and (
        body.count(b",") > _MOST_VALUES or body.count(b"[") + body.count(b"{") > _MOST_CONTAINERS
    ):
        raise BadResponse(f"{origin} sent an answer with more values than any list of a person has.")


def _parse_blemished(body: bytes, origin: str) -> Any:
    """Parse what orjson refuses although upstreams send it: a byte order mark, control characters, NaN."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:64]
    if not start:
        raise BadResponse(f"{origin} sent an empty answer.")
    if start.startswith(b"<"):
        what = "XML" if start.startswith(b"<?xml") else "a web page"
        raise BadResponse(f"{origin} sent {what} instead of JSON.")
    try:
        return json.loads(body.decode("utf-8-sig"), strict=False)
    except (ValueError, RecursionError) as error:
        raise BadResponse(f"{origin} sent an answer that is cut off or is not JSON.") from nameless(error)
