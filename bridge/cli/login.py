"""`roosterbridge account login`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING

import typer

from bridge.cli.accounts import found_lines, print_choices
from bridge.cli.commands import AS
from bridge.cli.deeds import recorded
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
    account: str = AS,
) -> None:
    """Log in with a browser at a printed address, paste the one it leads to, and add the account or wake it."""
    from bridge.people.logins import begin_login, resume_login
    from bridge.people.values import account_value

    options = parse_pairs(option)

    async def resume(bridge: Bridge) -> AddedAccount | None:
        if identity is None:
            return None
        at = configured(bridge, source)
        return await resume_login(bridge.store, at, user, identity=identity, clock=bridge.clock, name=account)

    async def begin(bridge: Bridge) -> LoginAttempt:
        return await begin_login(bridge.store, configured(bridge, source), user)

    added = invocation.run(resume)
    if added is None:
        attempt = invocation.run(begin)
        _print_steps(attempt, invocation)
        try:
            added = _read_pasted(invocation, _Login(user, source, account, identity, options), attempt)
        except ChoiceNeeded as error:
            added = _choose(invocation, user, source, account, error)
    if added.warning:
        tell(added.warning)
    told = f"{user} is logged in at {source}{f' as {account}' if account else ''}."
    invocation.answer(account_value(added.account), "\n".join((told, *found_lines(added))))


def _print_steps(attempt: LoginAttempt, invocation: Invocation) -> None:
    """Print the steps and, on a line of its own, the address."""
    out = sys.stderr if invocation.as_json else sys.stdout
    print(*attempt.steps, attempt.address, sep="\n", file=out, flush=True)


@dataclass(frozen=True)
class _Login:
    """Whose login it is, at which source, and what the account shall be."""

    user: str
    source: str
    account: str
    identity: str | None
    options: dict[str, str]


def _read_pasted(invocation: Invocation, login: _Login, attempt: LoginAttempt) -> AddedAccount:
    """Read pasted lines until one finishes the login."""
    from bridge.cli.interruption import finished_first
    from bridge.people.accounts import Wanted
    from bridge.people.logins import finish_login
    from bridge.store.choice import thing_of

    while True:
        line = _line("Pasted address: ")

        async def finish(bridge: Bridge, pasted: str = line) -> AddedAccount:
            at, thing = configured(bridge, login.source), thing_of(login.source, login.account)
            async with recorded(bridge, "account login", user=login.user, thing=thing):
                return await finished_first(
                    finish_login(
                        bridge.store,
                        at,
                        Wanted(login.user, name=login.account, identity=login.identity, options=login.options),
                        attempt,
                        pasted,
                        bridge.clock,
                    )
                )

        try:
            return invocation.run(finish)
        except _TRY_AGAIN as error:
            tell(error.sentence)


def _choose(invocation: Invocation, user: str, source: str, account: str, error: ChoiceNeeded) -> AddedAccount:
    """Ask for the identity on a terminal. Elsewhere the next command can have it, since the login is kept."""
    from bridge.people.logins import resume_login

    print_choices(error)
    if not sys.stdin.isatty():
        named = f" --as {quote(account)}" if account else ""
        tell(f"The login is kept; continue with `account login {user} {source}{named} --identity …`.")
        raise typer.Exit(1)
    chosen = _line("Identity: ")

    async def resume(bridge: Bridge) -> AddedAccount | None:
        at = configured(bridge, source)
        return await resume_login(bridge.store, at, user, identity=chosen, clock=bridge.clock, name=account)

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
