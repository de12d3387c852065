"""Requests that are nice to have: when one fails, what they add to comes all the same."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from bridge.errors import SourceError
from bridge.upstream.http import Body

_VALUE = TypeVar("_VALUE")


class Further:
    """The further requests of one part, in one fetch.

    A part has one essential request, whose failure fails the part. Each further one that fails, whatever way, leaves a
    sentence, and its last good answer goes on being used.
    """

    def __init__(self, last: Mapping[str, bytes]) -> None:
        """Use the `last` good answers, by name; see `Account.remembered`."""
        self._last = last
        self._notes: list[str] = []
        self._good: dict[str, bytes] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """What failed, a sentence each; see `Answer.notes`."""
        return tuple(dict.fromkeys(self._notes))

    @property
    def remember(self) -> Mapping[str, bytes]:
        """The good answers, by name; see `Answer.remember`."""
        return self._good

    async def ask(self, name: str, request: Awaitable[Body], parse: Callable[[Body], _VALUE]) -> _VALUE | None:
        """What `parse` makes of the answer, or of the last good one; `None` if there has never been one.

        Args:
            name: what to remember the answer by.
            request: the request. It may raise any SourceError.
            parse: reads the answer. It raises SourceError if that is not what it should be.
        """
        try:
            body = await request
            value = parse(body)
        except SourceError as error:
            self._notes.append(error.sentence)
            return self._parse_last(name, parse)
        self._good[name] = bytes(body)
        return value

    def _parse_last(self, name: str, parse: Callable[[Body], _VALUE]) -> _VALUE | None:
        if name not in self._last:
            return None
        try:
            return parse(Body((self._last[name],)))
        except SourceError:  # another version of this program could read it
            return None
