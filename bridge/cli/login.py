"""`roosterbridge account login`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from bridge.cli.accounts import found_lines, print_choices
from bridge.cli.invocation import Invocation, configured
from bridge.cli.pairs import parse_pairs
from bridge.cli.terminal import tell
from bridge.errors import AuthFailed, BadResponse, ChoiceNeeded, ConfigError, LoginMistake, RateLimited, Unavailable

if TYPE_CHECKING:
    from bridge.app import Bridge
    from bridge.people.accounts import AddedAccount
    from bridge.upstream.capabilities import LoginAttempt

_TRY_AGAIN = (LoginMistake, AuthFailed, Unavailable, RateLimited, BadResponse)


def login(
    invocation: Invocation,
    user: str,
    source: str,
    identity: str | None = typer.Option(None, help="The person, if the login has several."),
    option: list[str] = typer.Option([], metavar="KEY=VALUE", help="An option, repeatable; see the source in docs/."),
) -> None:
    """Log in with a browser at a printed address, paste the one it leads to, and add the account or wake it."""
    from bridge.people.logins import begin_login, resume_login
    from bridge.people.values import account_value

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
        _print_steps(attempt, invocation)
        try:
            added = _read_pasted(invocation, user, source, attempt, identity, options)
        except ChoiceNeeded as error:
            added = _choose(invocation, user, source, error)
    if added.warning:
        tell(added.warning)
    told = f"{user} is logged in at {source}."
    invocation.answer(account_value(added.account), "\n".join((told, *found_lines(added))))


def _print_steps(attempt: LoginAttempt, invocation: Invocation) -> None:
    """Print the steps and, on a line of its own, the address."""
    out = sys.stderr if invocation.as_json else sys.stdout
    print(*attempt.steps, attempt.address, sep="\n", file=out, flush=True)


def _read_pasted(
    invocation: Invocation,
    user: str,
    source: str,
    attempt: LoginAttempt,
    identity: str | None,
    options: dict[str, str],
) -> AddedAccount:
    """Read pasted lines until one finishes the login."""
    from bridge.people.logins import finish_login

    while True:
        line = _line("Pasted address: ")

        async def finish(bridge: Bridge, pasted: str = line) -> AddedAccount:
            at = configured(bridge, source)
            async with bridge.recorded("account login", user=user, thing=source):
                return await finish_login(
                    bridge.store, at, user, attempt, pasted, identity=identity, options=options, clock=bridge.clock
                )

        try:
            return invocation.run(finish)
        except _TRY_AGAIN as error:
            tell(error.sentence)


def _choose(invocation: Invocation, user: str, source: str, error: ChoiceNeeded) -> AddedAccount:
    """Ask for the identity on a terminal. Elsewhere the next command can have it, since the login is kept."""
    from bridge.people.logins import resume_login

    print_choices(error)
    if not sys.stdin.isatty():
        tell(f"The login is kept; continue with `account login {user} {source} --identity …`.")
        raise typer.Exit(1)
    chosen = _line("Identity: ")

    async def resume(bridge: Bridge) -> AddedAccount | None:
        at = configured(bridge, source)
        return await resume_login(bridge.store, at, user, identity=chosen, clock=bridge.clock)

    added = invocation.run(resume)
    if added is None:
        raise ConfigError("The login has ended in the meantime; log in again.")
    return added


def _line(question: str) -> str:
    if sys.stdin.isatty():
        print(question, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise ConfigError("The login was not finished: standard input has ended.")
    return line.strip()
