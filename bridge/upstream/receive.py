"""Receive the bodies of answers: up to a size, unpacked in pieces, and large ones one at a time."""

import asyncio
import zlib
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager, suppress
from contextvars import ContextVar
from typing import Protocol

import aiohttp

from bridge.errors import TooLarge

LARGEST_BODY = 8 * 1024 * 1024
LARGE = 1024 * 1024
"""From this size on an answer is large; a page of a list has about a fifth of that."""
ENCODINGS = "gzip, deflate"
_PIECE = 256 * 1024
_GZIP = b"\x1f\x8b"
_MOST_MEMBERS = 100
_EITHER_HEADER = zlib.MAX_WBITS | 32  # gzip or zlib


async def receive(
    response: aiohttp.ClientResponse, limit: asyncio.Timeout, origin: str, *, largest: int = LARGEST_BODY
) -> tuple[bytes, ...]:
    """The body of an answer in pieces. `limit` does not run while it waits for its turn to be large.

    Raises:
        TooLarge: it has more bytes than `largest`, unpacked.
        ValueError: it is packed in another way than it says, or not as asked for.
    """
    pieces: list[bytes] = []
    piece, size = b"", 0
    try:
        async with aclosing(_pieces(response)) as coming:
            async for piece in coming:
                size += len(piece)
                if size > largest:
                    raise TooLarge(f"{origin} sent an answer of more than {largest // (1024 * 1024)} MiB.")
                if size > LARGE:
                    await _pausing(limit)
                if piece:
                    pieces.append(piece)
        return tuple(pieces)
    finally:
        # A kept error keeps this frame, and so the bytes in it.
        pieces.clear()
        piece = b""
        _discard_unread(response.content)


def _discard_unread(content: aiohttp.StreamReader) -> None:
    """Free the bytes that were received but not read."""
    with suppress(Exception):  # the error of a broken connection; the caller raises its own
        content.read_nowait()


def _pieces(response: aiohttp.ClientResponse) -> AsyncGenerator[bytes, None]:
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding == "identity":
        return _unencoded(response.content)
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise ValueError("it is packed in a way that was not asked for")
    return _unpacked(response.content, encoding)


async def _unencoded(content: aiohttp.StreamReader) -> AsyncGenerator[bytes, None]:
    while piece := await content.readany():
        yield piece


async def _unpacked(content: aiohttp.StreamReader, encoding: str) -> AsyncGenerator[bytes, None]:
    """What is packed, in pieces of at most 256 KiB: a few bytes may hold gigabytes."""
    unpacking, members = None, 0
    while packed := await content.readany():
        while packed:
            if unpacking is None or unpacking.eof:
                if members and not packed.startswith(_GZIP):
                    break  # padding
                unpacking, members = _unpacking(packed, encoding), members + 1
            yield _unpack(unpacking, packed)
            packed = unpacking.unconsumed_tail or unpacking.unused_data
            if packed:
                await asyncio.sleep(0)  # others go on meanwhile
            if members > _MOST_MEMBERS:
                raise ValueError("it has too many members")
    if unpacking is not None and not unpacking.eof:
        raise ValueError("it ends in the middle")


def _unpack(unpacking: "_Unpacking", packed: bytes) -> bytes:
    try:
        return unpacking.decompress(packed, _PIECE)
    except zlib.error as error:
        raise ValueError("it is not packed as it says") from error


class _Unpacking(Protocol):
    @property
    def unconsumed_tail(self) -> bytes: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def eof(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def _unpacking(begin: bytes, encoding: str) -> _Unpacking:
    """What unpacks a body that begins so. Some servers send deflate without its header (RFC 9110, 8.4.1.2)."""
    bare = encoding == "deflate" and begin[0] & 0xF != zlib.DEFLATED
    return zlib.decompressobj(-zlib.MAX_WBITS if bare else _EITHER_HEADER)


class _Turn:
    """The turn of one piece of work, which takes it once, whichever of its requests needs it first."""

    def __init__(self, room: asyncio.Lock) -> None:
        self._room = room
        self._taking = asyncio.Lock()
        self._has = False
        self._over = False

    async def take(self) -> None:
        async with self._taking:
            if not self._has and not self._over:
                await self._room.acquire()
                self._has = True
        if self._over:
            self.end()

    def end(self) -> None:
        """Give it back, also if it comes later to a request that is still waiting."""
        self._over = True
        if self._has:
            self._has = False
            self._room.release()


_TURN: ContextVar[_Turn | None] = ContextVar("turn", default=None)


@contextmanager
def large_in_turn(room: asyncio.Lock | None) -> Iterator[None]:
    """Within it, who comes upon a large answer waits for `room` and has it to the end; `None`: nobody waits.

    So of all work that shares the room, one at a time has large answers and what is made of them.
    """
    turn = None if room is None else _Turn(room)
    token = _TURN.set(turn)
    try:
        yield
    finally:
        _TURN.reset(token)
        if turn is not None:
            turn.end()


async def await_turn() -> None:
    """Wait until the work that this belongs to may have large answers; see `large_in_turn`."""
    turn = _TURN.get()
    if turn is not None:
        await turn.take()


async def _pausing(limit: asyncio.Timeout) -> None:
    """Wait for the turn, which is not the time of the upstream."""
    loop = asyncio.get_running_loop()
    when, started = limit.when(), loop.time()
    limit.reschedule(None)
    await await_turn()
    limit.reschedule(None if when is None else when + loop.time() - started)
