"""Functions as commands, with the options that all commands have, and with what a shell completes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from bridge.cli.completion import COMPLETED
from bridge.cli.invocation import Invocation

AS = typer.Option("", "--as", metavar="NAME", help="Which of several accounts of the user at the source.")
"""The option of each command that takes a user and a source. They get both as one, as `bridge.store.choice` does."""

_NAMES = {"user", "name", "source", "account"}


def command(app: typer.Typer, name: str | None = None) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Decorate a function as a command of `app`. Its first argument is the invocation."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        app.command(name)(_with_common_options(function))
        return function

    return register


def group(name: str, description: str) -> typer.Typer:
    """A group of commands. The options of all commands may also precede the name of the command."""
    app = typer.Typer(name=name, no_args_is_help=True, help=description, rich_markup_mode=None)

    def callback(_invocation: Invocation) -> None:
        """Take the options."""

    app.callback(help=description)(_with_common_options(callback))
    return app


def _with_common_options(function: Callable[..., None]) -> Callable[..., None]:
    """Replace the invocation by a typer context and add the options of all commands at the end.

    A command that takes a user and a source also gets `--as`: its source names the account, unless it takes that apart.
    """
    given_own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    required = {one.name for one in given_own if one.default is inspect.Parameter.empty}
    names_account = {"user", "source"} <= required and "account" not in {one.name for one in given_own}
    which = inspect.Parameter("account", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=str, default=AS)

    def run(ctx: typer.Context, *, config: Path | None, as_json: bool, **given: Any) -> None:
        invocation = ctx.ensure_object(Invocation)
        invocation.config = config or invocation.config
        invocation.as_json = as_json or invocation.as_json
        if names_account:
            from bridge.store.choice import thing_of

            given["source"] = thing_of(given["source"].strip(), given.pop("account").strip())
        function(invocation, **{key: _tidy(value) if key in _NAMES else value for key, value in given.items()})

    own = [_completed(one) for one in [*given_own, *([which] if names_account else [])]]
    common = list(inspect.signature(_common, eval_str=True).parameters.values())
    context = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    parameters = [context, *own, *common]
    run.__doc__ = function.__doc__
    run.__name__ = function.__name__
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # what inspect looks at first
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _tidy(name: Any) -> Any:
    """A name as it is stored, without white space at its ends."""
    return name.strip() if isinstance(name, str) else name


def _completed(parameter: inspect.Parameter) -> inspect.Parameter:
    """The parameter, which a shell completes if its name says what it is."""
    complete = COMPLETED.get(parameter.name)
    if complete is None:
        return parameter
    if parameter.default is inspect.Parameter.empty:
        return parameter.replace(default=typer.Argument(autocompletion=complete))
    parameter.default.autocompletion = complete
    return parameter


def _common(
    config: Path | None = typer.Option(None, help="Settings file; by default BRIDGE_CONFIG, else config/bridge.toml."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON value."),
) -> None:
    """The options of all commands."""
