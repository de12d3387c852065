"""`roosterbridge account …`."""

from __future__ import annotations

import sys
from shlex import quote
from typing import TYPE_CHECKING

import typer

from bridge.cli.commands import AS, command, group
from bridge.cli.deeds import recorded
from bridge.cli.invocation import Invocation, configured
from bridge.cli.pairs import parse_pairs
from bridge.cli.table import Table
from bridge.cli.terminal import tell
from bridge.errors import ChoiceNeeded, ConfigError

if TYPE_CHECKING:
    from bridge.app import Bridge
    from bridge.people.accounts import AddedAccount
    from bridge.store.account import StoredAccount

app = group("account", "Accounts: who is read at which source.")


@command(app)
def add(
    invocation: Invocation,
    user: str,
    source: str,
    identity: str | None = typer.Option(None, help="The person at the source: user name, number, e-mail address …"),
    secret_stdin: bool = typer.Option(False, "--secret-stdin", help="Read the token or password from standard input."),
    option: list[str] = typer.Option([], metavar="KEY=VALUE", help="An option, repeatable; see the source in docs/."),
    account: str = AS,
    login_of: str | None = typer.Option(None, metavar="USER", help="Share the login of this user at the source."),
) -> None:
    """Add an account, or give it a new secret and wake it."""
    from bridge.people.accounts import Wanted, add_account
    from bridge.people.values import account_value
    from bridge.store.choice import thing_of

    if secret_stdin and login_of is not None:
        raise typer.BadParameter("--login-of and --secret-stdin exclude each other.")
    options = parse_pairs(option)
    secret = _read_secret() if secret_stdin else None

    async def work(bridge: Bridge) -> AddedAccount:
        async with recorded(bridge, "account add", user=user, thing=thing_of(source, account)):
            return await add_account(
                bridge.store,
                configured(bridge, source),
                Wanted(user, name=account, identity=identity, options=options),
                bridge.clock,
                secret=secret,
                login_of=login_of,
            )

    try:
        added = invocation.run(work)
    except ChoiceNeeded as error:
        print_choices(error)
        raise typer.Exit(1) from None
    if added.warning:
        tell(added.warning)
    told = f"Added {added.account.called}."
    invocation.answer(account_value(added.account), "\n".join((told, *found_lines(added))))


def found_lines(added: AddedAccount) -> list[str]:
    """What was found for an account, a line each; empty if the source does not say."""
    return ["It reads:", *(f"  {name}" for name in added.found)] if added.found else []


def print_choices(error: ChoiceNeeded) -> None:
    """Print the persons or timetables to choose from, as options."""
    tell(error.sentence)
    for value, name in error.choices:
        tell(f"  {_argument(error.option, value)}  {name}")


def _argument(option: str | None, value: str) -> str:
    """The option that chooses `value`, quoted for a shell."""
    return f"--identity {quote(value)}" if option is None else f"--option {quote(f'{option}={value}')}"


def _read_secret() -> str:
    if sys.stdin.isatty():
        secret: str = typer.prompt("Secret", hide_input=True, err=True)
    else:
        secret = sys.stdin.read()
    if not secret.strip():
        raise ConfigError("Standard input has no secret.")
    return secret.strip("\r\n")


@command(app, "list")
def list_accounts(invocation: Invocation, user: str | None = typer.Option(None, help="Only this user's.")) -> None:
    """List the accounts and their states."""
    from bridge.people.orphans import orphans
    from bridge.people.values import account_value

    async def work(bridge: Bridge) -> tuple[list[StoredAccount], list[str]]:
        if user is not None:
            await bridge.store.users.get(user)
        listed = [account for account in await bridge.store.accounts.all(user=user) if account.user is not None]
        return listed, await orphans(bridge.store, bridge.settings.sources)

    accounts, warnings = invocation.run(work)
    for warning in warnings:
        tell(warning)
    rows = [
        (
            a.user,
            a.source,
            a.name,
            a.identity,
            a.state,
            f"{a.last_ok:%Y-%m-%d %H:%M}Z" if a.last_ok else None,
            a.last_error,
        )
        for a in accounts
    ]
    columns = ("user", "source", "as", "identity", "state", "last ok", "last error")
    invocation.answer([account_value(account) for account in accounts], Table(columns, rows))


@command(app)
def remove(invocation: Invocation, user: str, source: str, account: str = AS) -> None:
    """Remove an account with its events and its login."""
    from bridge.people.accounts import remove_account
    from bridge.store.account import called
    from bridge.store.choice import thing_of

    async def work(bridge: Bridge) -> str | None:
        async with recorded(bridge, "account remove", user=user, thing=thing_of(source, account)):
            at = bridge.sources.get(source)
            warning = await remove_account(bridge.store, at, user, source, bridge.clock, account)
        await bridge.publisher.publish_for(user)
        return warning

    warning = invocation.run(work)
    if warning:
        tell(warning)
    value = {"user": user, "source": source, "name": account or None}
    invocation.answer(value, f"Removed {called(user, source, account)}.")
