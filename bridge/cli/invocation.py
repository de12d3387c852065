"""How commands run and print, with the options `--config` and `--json` of all of them."""

from __future__ import annotations

import inspect
import json
import os
import sys
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from bridge.cli.completion import COMPLETED
from bridge.cli.table import Table
from bridge.cli.terminal import shown, shown_json, tell

if TYPE_CHECKING:
    from bridge.app import Bridge
    from bridge.settings.schema import Settings
    from bridge.upstream.configured import ConfiguredSource

_RESULT = TypeVar("_RESULT")
AS = typer.Option("", "--as", metavar="NAME", help="Which of several accounts of the user at the source.")
"""The option of each command that takes a user and a source. They get both as one, as `bridge.store.choice` does."""


@dataclass
class Invocation:
    """A run of the program, with the values of `--config` and `--json`."""

    config: Path | None = None
    as_json: bool = False
    warned: bool = False

    def settings(self) -> Settings:
        """Load the settings. Their warnings are not printed yet. Raises ConfigError."""
        from bridge.settings.load import load_settings
        from bridge.upstream.discovery import discover

        return load_settings(self.config, {name: found.settings for name, found in discover().items()})

    def run(self, work: Callable[[Bridge], Coroutine[Any, Any, _RESULT]]) -> _RESULT:
        """Open everything and run `work`. The first time, print the warnings of the settings. Raises BridgeError.

        A signal ends the program in order; see `until_interrupted`.
        """
        import asyncio

        from bridge.app import open_bridge
        from bridge.cli.interruption import Interrupted, until_interrupted
        from bridge.logs import configure_logs

        settings = self.settings()
        for warning in () if self.warned else settings.warnings:
            tell(warning)
        self.warned = True
        configure_logs(settings.logging.level if verbose() else "error", settings.logging.format)

        async def opened() -> _RESULT:
            async with open_bridge(settings) as bridge:
                return await until_interrupted(work(bridge), bridge.store.credentials)

        try:
            return asyncio.run(opened())
        except Interrupted as end:
            sys.exit(end.code)

    def private_files(self) -> list[Path]:
        """The files that nobody else should read: settings, keys and, on SQLite, the storage. Raises ConfigError."""
        from bridge.settings.load import DEFAULT_PATH
        from bridge.store.database import Database

        settings = self.settings()
        config = self.config or Path(os.environ.get("BRIDGE_CONFIG") or DEFAULT_PATH)
        storage = Database(settings.storage.url).file
        return [config, settings.security.secret_key_file, *([] if storage is None else [storage])]

    def answer(self, value: object, text: str | Table | None) -> None:
        """Print `value`, also of dataclasses, as JSON with `--json`, else `text`."""
        if self.as_json:
            print(shown_json(json.dumps(value, ensure_ascii=False, default=asdict)), flush=True)
        elif isinstance(text, Table):
            text.print()
        elif text is not None:
            print(shown(text), flush=True)


def verbose() -> bool:
    """Whether the operator has asked for the whole log."""
    return os.environ.get("BRIDGE_LOGGING__LEVEL", "").lower() == "debug"


def configured(bridge: Bridge, name: str) -> ConfiguredSource:
    """The source of that name. Raises UnknownName."""
    from bridge.people.sources import check_known

    check_known(bridge.settings.sources, name)
    return bridge.sources[name]


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

            given["source"] = thing_of(given["source"], given.pop("account"))
        function(invocation, **given)

    own = [_completed(one) for one in [*given_own, *([which] if names_account else [])]]
    common = list(inspect.signature(_common, eval_str=True).parameters.values())
    context = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    parameters = [context, *own, *common]
    run.__doc__ = function.__doc__
    run.__name__ = function.__name__
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # what inspect looks at first
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


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
