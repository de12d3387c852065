"""What came of something that was to be written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Concatenate, ParamSpec

import typer

from bridge.cli.deeds import recorded
from bridge.cli.invocation import Invocation
from bridge.cli.terminal import tell
from bridge.errors import Refused

if TYPE_CHECKING:
    from bridge.app import Bridge
    from bridge.store.outbox import Outgoing
    from bridge.sync.desk import Desk

_P = ParamSpec("_P")


def _told(bridge: Bridge, source: str, writes: Sequence[Outgoing]) -> list[str]:
    """Why writes have not been taken, a sentence each."""
    from bridge.store.choice import source_of
    from bridge.store.outbox import WriteState
    from bridge.sync.refusals import sentence_of

    sentences = []
    for one in writes:
        if one.state is WriteState.DONE:
            continue
        sentence = sentence_of(bridge.sources[source_of(source)], one, "en") or "There is no answer yet."
        if one.code:
            sentence = f"{sentence} ({one.code})"
        elif one.state in {WriteState.WAITING, WriteState.SENT}:
            sentence = f"{sentence} It is kept, and sent again."
        sentences.append(sentence)
    return sentences


def _end_with(writes: Sequence[Outgoing], sentences: Sequence[str]) -> None:
    """Tell why writes have not been taken, once each, and end with 1 if one was refused."""
    from bridge.store.outbox import WriteState

    for sentence in dict.fromkeys(sentences):
        tell(sentence)
    if any(one.state is WriteState.REFUSED for one in writes):
        raise typer.Exit(1)


def write(
    invocation: Invocation,
    action: str,
    thing: tuple[str, str],
    answer: Callable[[Sequence[Outgoing]], tuple[object, str]],
    ask: Callable[Concatenate[Desk, str, str, _P], Awaitable[Sequence[Outgoing]]],
    *args: _P.args,
    **kwargs: _P.kwargs,
) -> None:
    """Have something written for a user at a source, and tell what came of it.

    `thing` are the user, and the source with the account's name, which `ask` gets. `answer` gives what to print.
    """
    user, source = thing

    async def work(bridge: Bridge) -> tuple[Sequence[Outgoing], list[str]]:
        async with recorded(bridge, action, user=user, thing=source):
            writes = await ask(bridge.desk, user, source, *args, **kwargs)
        await bridge.publisher.publish_for(user)
        return writes, _told(bridge, source, writes)

    try:
        writes, sentences = invocation.run(work)
    except Refused as error:  # before it was kept
        tell(f"{error.sentence} ({error.code})" if error.code.isupper() else error.sentence)
        raise typer.Exit(1) from None
    invocation.answer(*answer(writes))
    _end_with(writes, sentences)


def write_one(
    invocation: Invocation,
    action: str,
    thing: tuple[str, str],
    answer: Callable[[Outgoing], tuple[object, str]],
    ask: Callable[Concatenate[Desk, str, str, _P], Awaitable[Outgoing]],
    *args: _P.args,
    **kwargs: _P.kwargs,
) -> None:
    """Have one thing written; see `write`."""

    async def ask_one(desk: Desk, user: str, source: str) -> list[Outgoing]:
        return [await ask(desk, user, source, *args, **kwargs)]

    write(invocation, action, thing, lambda writes: answer(writes[0]), ask_one)
