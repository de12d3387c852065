"""`roosterbridge account login`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from bridge.cli.accounts import account_value, tell_choices
from bridge.cli.invocation import Invocation, configured
from bridge.cli.pairs import parse_pairs
from bridge.errors import AuthFailed, BadResponse, ChoiceNeeded, ConfigError, LoginMistake, RateLimited, Unavailable

if TYPE_CHECKING:
    from bridge.app import Bridge
    from bridge.people.accounts import AddedAccount
    from bridge.upstream.capabilities import LoginAttempt

_ANOTHER_MAY_DO = (LoginMistake, AuthFailed, Unavailable, RateLimited, BadResponse)


def login(
    invocation: Invocation,
    user: str,
    source: str,
    identity: str | None = typer.Option(None, help="Who it is, where the login has several persons."),
    option: list[str] = typer.Option([], help="KEY=VALUE, as the source's page in docs/ tells; repeatable."),
) -> None:
    """Log in with a browser: prints an address, reads what it leads to; adds the account or wakes it."""
    from bridge.people.logins import begin_login, resume_login

    options = parse_pairs(option)

    async def resume(bridge: Bridge) -> AddedAccount | None:
        if identity is None:
            return None
        return await resume_login(bridge.store, configured(bridge, source), user, identity=identity, clock=bridge.clock)

    async def begin(bridge: Bridge) -> LoginAttempt:
        return await begin_login(bridge.store, configured(bridge, source), user)

    added = invocation.run(resume)
    if added is None:
        attempt = invocation.run(begin)
        _explain(attempt, invocation)
        try:
            added = _until_it_does(invocation, user, source, attempt, identity, options)
        except ChoiceNeeded as error:
            added = _chosen(invocation, user, source, error)
    if added.warning:
        print(added.warning, file=sys.stderr)
    invocation.answer(account_value(added.account), f"{user} is logged in at {source}.")


def _explain(attempt: LoginAttempt, invocation: Invocation) -> None:
    """Print the steps and the address, on a line of its own."""
    out = sys.stderr if invocation.as_json else sys.stdout
    print(*attempt.steps, attempt.address, sep="\n", file=out, flush=True)


def _until_it_does(
    invocation: Invocation,
    user: str,
    source: str,
    attempt: LoginAttempt,
    identity: str | None,
    options: dict[str, str],
) -> AddedAccount:
    """Read lines until one is the answer to the attempt."""
    from bridge.people.logins import finish_login

    while True:
        line = _line("Pasted address: ")

        async def finish(bridge: Bridge, pasted: str = line) -> AddedAccount:
            at = configured(bridge, source)
            return await finish_login(
                bridge.store, at, user, attempt, pasted, identity=identity, options=options, clock=bridge.clock
            )

        try:
            return invocation.run(finish)
        except _ANOTHER_MAY_DO as error:
            print(error.sentence, file=sys.stderr, flush=True)


def _chosen(invocation: Invocation, user: str, source: str, error: ChoiceNeeded) -> AddedAccount:
    """Ask for whom it is, on a terminal; elsewhere the next command may say so, since the login is kept."""
    from bridge.people.logins import resume_login

    tell_choices(error)
    if not sys.stdin.isatty():
        print(f"The login is kept: `account login {user} {source} --identity …` goes on with it.", file=sys.stderr)
        raise typer.Exit(1)
    chosen = _line("Identity: ")

    async def resume(bridge: Bridge) -> AddedAccount | None:
        at = configured(bridge, source)
        return await resume_login(bridge.store, at, user, identity=chosen, clock=bridge.clock)

    added = invocation.run(resume)
    if added is None:
        raise ConfigError("The login has ended meanwhile; log in again.")
    return added


def _line(question: str) -> str:
    if sys.stdin.isatty():
        print(question, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise ConfigError("The login was not finished: there is nothing more to read.")
    return line.strip()
