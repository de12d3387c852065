"""What came of something that was to be written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import typer

from bridge.cli.invocation import Invocation
from bridge.cli.terminal import tell
from bridge.store.choice import thing_of

if TYPE_CHECKING:
    from bridge.app import Bridge
    from bridge.store.outbox import Outgoing


def told(bridge: Bridge, source: str, writes: list[Outgoing]) -> list[str]:
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


def end_with(writes: list[Outgoing], sentences: list[str]) -> None:
    """Tell why writes have not been taken, once each, and end with 1 if one was refused."""
    from bridge.store.outbox import WriteState

    for sentence in dict.fromkeys(sentences):
        tell(sentence)
    if any(one.state is WriteState.REFUSED for one in writes):
        raise typer.Exit(1)


def write(
    invocation: Invocation,
    action: str,
    thing: tuple[str, str, str],
    ask: Callable[[Bridge, str], Awaitable[Outgoing]],
    answer: Callable[[Outgoing], tuple[object, str]],
) -> None:
    """Have one write sent for a user at a source, by an account's name, and tell what came of it.

    `thing` are user, source and account; `ask` gets the source with the account's name. `answer` gives what to print.
    """
    user, source, account = thing

    async def work(bridge: Bridge) -> tuple[Outgoing, list[str]]:
        async with bridge.recorded(action, user=user, thing=thing_of(source, account)):
            sent = await ask(bridge, thing_of(source, account))
        return sent, told(bridge, source, [sent])

    sent, sentences = invocation.run(work)
    invocation.answer(*answer(sent))
    end_with([sent], sentences)
