"""Further requests: what fails of them is told, and what concerns all requests is heard."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bridge.errors import AuthFailed, NotOffered, RateLimited, SourceError, Unavailable
from bridge.upstream.contract import Answer
from bridge.upstream.further import Further
from bridge.upstream.reply import Body

MINUTE = timedelta(minutes=1)


class Asked:
    """Requests that fail in these ways, one after the other, and then are answered."""

    def __init__(self, *failures: SourceError) -> None:
        self.failures = list(failures)
        self.count = 0

    def __call__(self) -> Awaitable[Body]:
        return self._answer()

    async def _answer(self) -> Body:
        self.count += 1
        if self.failures:
            raise self.failures.pop(0)
        return Body((b"new",))


def text(body: Body) -> str:
    return bytes(body).decode()


async def test_the_last_good_answer_counts_while_a_request_fails() -> None:
    further = Further({"names": b"old"})
    assert await further.ask("names", Asked(Unavailable("It is away.")), text) == "old"
    assert further.notes == ("It is away.",)
    assert await further.ask("names", Asked(), text) == "new"
    assert further.remember == {"names": b"new"}


async def test_what_was_never_offered_does_not_fail() -> None:
    further = Further({})
    assert await further.ask("names", Asked(NotOffered("There are none.")), text) is None
    assert further.notes == ()


@pytest.mark.parametrize("use", [Further.attempt, lambda further, ask: further.ask("names", ask, text)])
async def test_who_asks_for_fewer_requests_gets_no_more_of_them(
    use: Callable[[Further, Asked], Awaitable[object]],
) -> None:
    asked, further = Asked(RateLimited("Ask less.", retry_after=MINUTE)), Further({"names": b"old"})
    await use(further, asked)
    await further.attempt(asked)
    assert await further.ask("names", asked, text) == "old"
    assert asked.count == 1
    assert further.notes == ("Ask less.",)
    answer = further.told_with(Answer(None, ""))
    assert isinstance(answer, Answer)
    assert answer.retry_after == MINUTE


@pytest.mark.parametrize("use", [Further.attempt, lambda further, ask: further.ask("names", ask, text)])
async def test_a_login_that_is_refused_is_heard(use: Callable[[Further, Asked], Awaitable[object]]) -> None:
    with pytest.raises(AuthFailed):
        await use(Further({"names": b"old"}), Asked(AuthFailed("Log in again.")))


async def test_credentials_of_the_operator_that_may_not_read_one_list_read_the_others() -> None:
    further = Further({})
    assert await further.attempt(Asked(AuthFailed("Not this.", needs_login=False))) is None
    assert await further.attempt(Asked()) is not None


async def test_the_sentence_says_what_is_not_up_to_date_where_that_does_not_say_it_itself() -> None:
    further = Further({"names": b"old"})
    await further.ask("names", Asked(Unavailable("It is away.")), text, what="names of weeks")
    await further.ask("names", Asked(NotOffered("It has no names.")), text, what="names of weeks")
    await further.attempt(Asked(Unavailable("It is away.")), what="far weeks")
    assert further.notes == ("Not up to date: names of weeks, far weeks. It is away.", "It has no names.")
