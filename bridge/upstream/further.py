"""Further requests: when one fails, its part is delivered all the same."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from bridge.errors import NotOffered, SourceError
from bridge.upstream.contract import Answer, Answers
from bridge.upstream.http import Body

_VALUE = TypeVar("_VALUE")


class Further:
    """The further requests of a part in a fetch.

    The failure of the essential request of a part is the failure of the part. The failure of a further one is a
    sentence, and its last good answer is used.
    """

    def __init__(self, last: Mapping[str, bytes]) -> None:
        """Create it with the last good answers by name; see `Account.remembered`."""
        self._last = last
        self._notes: list[str] = []
        self._good: dict[str, bytes] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for each failure; see `Answer.notes`."""
        return tuple(dict.fromkeys(self._notes))

    @property
    def remember(self) -> Mapping[str, bytes]:
        """The good answers by name; see `Answer.remember`."""
        return self._good

    async def ask(self, name: str, request: Awaitable[Body], parse: Callable[[Body], _VALUE]) -> _VALUE | None:
        """Parse the answer to a further request, or the last good one; `None` if there was never one.

        Args:
            name: the name under which the answer is remembered.
            request: the request. It may raise any SourceError. What an upstream has never offered does not fail.
            parse: parses the answer. It raises SourceError for an invalid one.
        """
        try:
            body = await request
            value = parse(body)
        except SourceError as error:
            if isinstance(error, NotOffered) and name not in self._last:
                return None
            self._notes.append(error.sentence)
            return self.last(name, parse)
        self._good[name] = bytes(body)
        return value

    async def attempt(self, request: Awaitable[_VALUE]) -> _VALUE | None:
        """The result of a further request of which nothing is remembered; `None`, and a sentence, if it fails."""
        try:
            return await request
        except SourceError as error:
            self._notes.append(error.sentence)
            return None

    def told_with(self, answers: Answers) -> Answers:
        """`answers`, with the sentences and the good answers; an error stays as it is."""
        if isinstance(answers, SourceError):
            return answers
        several = [answers] if isinstance(answers, Answer) else answers
        told = [
            replace(one, notes=(*one.notes, *self.notes), remember={**one.remember, **self.remember}) for one in several
        ]
        return told[0] if isinstance(answers, Answer) else told

    def last(self, name: str, parse: Callable[[Body], _VALUE]) -> _VALUE | None:
        """Parse the last good answer of an earlier fetch; `None` if there was never one."""
        if name not in self._last:
            return None
        try:
            return parse(Body((self._last[name],)))
        except SourceError:  # another version of this program stored it
            return None
