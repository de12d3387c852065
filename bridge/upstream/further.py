"""Further requests: when one fails, its part is delivered all the same."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from bridge.errors import AuthFailed, NotOffered, RateLimited, SourceError
from bridge.upstream.budget import nice_to_have
from bridge.upstream.contract import Answer, Answers
from bridge.upstream.reply import Body

_VALUE = TypeVar("_VALUE")


def not_up_to_date(what: str, why: str) -> str:
    """The sentences that say what is not up to date, and why."""
    return f"Not up to date: {what}. {why}"


class Further:
    """The further requests of a part in a fetch.

    The failure of the essential request of a part is the failure of the part. The failure of a further one is a
    sentence, and its last good answer is used. Once the upstream asks for fewer requests, no further one is sent; a
    person's login that is refused concerns all requests, so that AuthFailed is raised.
    """

    def __init__(self, last: Mapping[str, bytes]) -> None:
        """Create it with the last good answers by name; see `Account.remembered`."""
        self._last = last
        self._failed: dict[str, list[str]] = {}  # what is not up to date, by sentence
        self._good: dict[str, bytes] = {}
        self._limit: RateLimited | None = None

    @property
    def limit(self) -> RateLimited | None:
        """That the upstream asked for fewer requests, if it did; nothing more should be requested in this fetch."""
        return self._limit

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for each failure; see `Answer.notes`."""
        return tuple(
            not_up_to_date(", ".join(whats), why) if (whats := list(filter(None, dict.fromkeys(told)))) else why
            for why, told in self._failed.items()
        )

    @property
    def retry_after(self) -> timedelta | None:
        """How long the upstream asks to wait; see `Answer.retry_after`."""
        return self._limit.retry_after if self._limit else None

    @property
    def remember(self) -> Mapping[str, bytes]:
        """The good answers by name; see `Answer.remember`."""
        return self._good

    async def ask(
        self, name: str, request: Callable[[], Awaitable[Body]], parse: Callable[[Body], _VALUE], *, what: str = ""
    ) -> _VALUE | None:
        """Parse the answer to a further request, or the last good one; `None` if there was never one.

        Args:
            name: the name under which the answer is remembered.
            request: sends the request. It may raise any SourceError. What an upstream has never offered does not fail.
            parse: parses the answer. It raises SourceError for an invalid one.
            what: what is not up to date if it fails, for the sentence; by default that does not say it.

        Raises:
            AuthFailed: the login of the person is refused.
        """
        try:
            self._expect_no_limit()
            with nice_to_have():
                body = await request()
            value = parse(body)
        except SourceError as error:
            if isinstance(error, NotOffered) and name not in self._last:
                return None
            self._note(error, what)
            return self.last(name, parse)
        self._good[name] = bytes(body)
        return value

    async def attempt(self, request: Callable[[], Awaitable[_VALUE]], *, what: str = "") -> _VALUE | None:
        """The result of a further request of which nothing is remembered; `None`, and a sentence, if it fails.

        `what` is as for `ask`.

        Raises:
            AuthFailed: the login of the person is refused.
        """
        try:
            self._expect_no_limit()
            with nice_to_have():
                return await request()
        except SourceError as error:
            self._note(error, what)
            return None

    def told_with(self, answers: Answers) -> Answers:
        """`answers`, of which the first has the sentences and the good answers; an error stays as it is."""
        if isinstance(answers, SourceError) or not answers or not (self._failed or self._good or self._limit):
            return answers
        first, *rest = [answers] if isinstance(answers, Answer) else answers
        told = replace(
            first,
            notes=(*first.notes, *self.notes),
            remember={**first.remember, **self.remember},
            retry_after=first.retry_after or self.retry_after,
        )
        return told if isinstance(answers, Answer) else (told, *rest)

    def _expect_no_limit(self) -> None:
        if self._limit is not None:
            raise self._limit

    def _note(self, error: SourceError, what: str) -> None:
        if isinstance(error, AuthFailed) and error.needs_login:
            raise error
        if isinstance(error, RateLimited):
            self._limit = error
        self._failed.setdefault(error.sentence, []).append("" if isinstance(error, NotOffered) else what)

    def last(self, name: str, parse: Callable[[Body], _VALUE]) -> _VALUE | None:
        """Parse the last good answer of an earlier fetch; `None` if there was never one."""
        if name not in self._last:
            return None
        try:
            return parse(Body((self._last[name],)))
        except SourceError:  # another version of this program stored it
            return None
