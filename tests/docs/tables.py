"""The tables of README and docs/, made from the code. `python -m tests.docs.tables` writes them."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

import typer
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bridge.calendar.options import FIELDS as OPTIONS
from bridge.calendar.options import Form
from bridge.calendar.words import LANGUAGES
from bridge.cli.example import example_settings
from bridge.cli.main import app
from bridge.server.api.endpoints import ENDPOINTS
from bridge.settings.schema import SECTIONS, SourceSettings
from bridge.settings.values import format_duration
from bridge.sources.informat.refusals import CODES, explain
from bridge.upstream.discovery import discover
from tests.docs.rooms import imports, needed_arrows, rooms
from tests.sources.somtoday import side_by_side

ROOT = Path(__file__).parents[2]
_OPTIONS_OF_ALL = {"config", "as_json", "help"}


def commands() -> str:
    """Every command with its arguments and options, under a heading for each group."""
    root = typer.main.get_command(app)
    children: dict[str, Any] = getattr(root, "commands", {})
    groups = {name: found for name, found in children.items() if hasattr(found, "commands")}
    lines = ["## The service", ""]
    for name, command in children.items():
        if name not in groups:
            lines += _command([name], command)
    for name, group in groups.items():
        lines += [f"## `{name}`", "", group.help, ""]
        for word, command in group.commands.items():
            lines += _command([name, word], command)
    return "\n".join(lines).rstrip()


def _command(words: list[str], command: Any) -> Iterator[str]:
    own = [parameter for parameter in command.params if parameter.name not in _OPTIONS_OF_ALL]
    arguments = [_argument(parameter) for parameter in own if parameter.param_type_name == "argument"]
    yield f"### `{' '.join([*words, *arguments])}`"
    yield ""
    yield command.help.strip().splitlines()[0]
    yield ""
    described = [(_usage(parameter), parameter.help) for parameter in own if parameter.help]
    if described:
        yield from _table(("option", "what"), described)
        yield ""


def _argument(parameter: Any) -> str:
    name = parameter.name.rstrip("s").upper()
    several = "…" if parameter.nargs != 1 else ""
    return name if parameter.required else f"[{name}{several}]"


def _usage(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{parameter.name.rstrip('s').upper()}`"
    flag = parameter.opts[0]
    return f"`{flag}`" if parameter.is_flag else f"`{flag} {parameter.metavar or parameter.name.upper()}`"


def settings() -> str:
    """Every setting with its default, under a heading for each section and each type of source."""
    lines: list[str] = []
    for section, model in SECTIONS.items():
        lines += _section(f"`[{section}]`", model.__doc__, (_row(*field) for field in model.model_fields.items()))
    common = SourceSettings.model_fields
    lines += _section("Every source", SourceSettings.__doc__, (_row(*field) for field in common.items()))
    for source in discover().values():
        own = {
            name: field
            for name, field in source.settings.model_fields.items()
            if name not in common or (name != "type" and field.default != common[name].default)
        }
        lines += _section(f'`type = "{source.name}"`', source.summary, (_row(*field) for field in own.items()))
    return "\n".join(lines).rstrip()


def _section(heading: str, summary: str | None, rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"## {heading}"
    yield ""
    yield (summary or "").strip().splitlines()[0]
    yield ""
    yield from _table(("setting", "default", "what"), rows)
    yield ""


def _row(name: str, field: FieldInfo) -> tuple[str, str, str]:
    default = field.get_default(call_default_factory=True, validated_data={})
    if default is PydanticUndefined:
        shown = "*required*"
    elif default is None or default == "":
        shown = ""
    elif isinstance(default, bool | list | dict):
        shown = f"`{json.dumps(default)}`"
    else:
        shown = f"`{format_duration(default) if hasattr(default, 'total_seconds') else default}`"
    return f"`{name}`", shown, field.description or ""


def sources() -> str:
    """Every type of source with the page about it."""
    rows = [
        (f"`{source.name}`", source.summary, f"[docs/{source.name}.md](docs/{source.name}.md)")
        for source in discover().values()
        if (ROOT / "docs" / f"{source.name}.md").exists()
    ]
    return "\n".join(_table(("type", "what", "more"), rows))


def options() -> str:
    """Every feed option with its values."""
    rows = [(f"`{name}`", _values_of_option(field), field.description or "") for name, field in OPTIONS.items()]
    return "\n".join(_table(("option", "values, the default first", "what"), rows))


def _values_of_option(field: FieldInfo) -> str:
    for form in field.metadata:
        if isinstance(form, Form):
            return form.text
    return ", ".join(f"`{value}`" for value in get_args(field.annotation))


def drawing() -> str:
    """Which room imports which, as a Mermaid flowchart without the arrows that follow from others."""
    arrows = sorted(needed_arrows(imports()))
    lines = [f"    {room} --> {other}" for room, other in arrows]
    return "\n".join(["```mermaid", "flowchart TD", *lines, "    upstream -. finds .-> sources", "```"])


def rooms_and_imports() -> str:
    """What each room is for and everything that it imports."""
    purposes = rooms()
    rows = [(f"`{room}`", purposes[room], ", ".join(sorted(others))) for room, others in imports().items()]
    return "\n".join(_table(("room", "what", "imports"), rows))


def refusals() -> str:
    """Every code of Informat with its sentence in each language."""
    rows = [(f"`{code}`", *(explain(code, language) or "" for language in LANGUAGES)) for code in CODES]
    return "\n".join(_table(("code", *LANGUAGES), rows))


def endpoints() -> str:
    """Every endpoint of the API with the fields of its body."""
    rows = [
        (
            f"`{one.method} {one.path}`",
            one.summary.removesuffix("."),
            ", ".join(f"`{field.alias or name}`" for name, field in one.body.model_fields.items()),
        )
        for one in ENDPOINTS
    ]
    return "\n".join(_table(("endpoint", "what it does", "body"), rows))


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"| {' | '.join('---' for _ in columns)} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"


TABLES: dict[str, tuple[str, Callable[[], str]]] = {
    "sources": ("README.md", sources),
    "commands": ("docs/commands.md", commands),
    "settings": ("docs/configuration.md", settings),
    "drawing": ("docs/architecture.md", drawing),
    "rooms": ("docs/architecture.md", rooms_and_imports),
    "side-by-side": ("docs/somtoday.md", side_by_side.table),
    "options": ("docs/feeds.md", options),
    "endpoints": ("docs/api.md", endpoints),
    "refusals": ("docs/informat.md", refusals),
}


def with_tables(path: str) -> str:
    """The text of a file, its tables made from the code."""
    text = (ROOT / path).read_text("utf-8")
    for name, (home, table) in TABLES.items():
        if home == path:
            start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
            before, _, rest = text.partition(start)
            text = f"{before}{start}{table()}\n{end}{rest.partition(end)[2]}"
    return text


def example() -> str:
    """The settings file that `init` writes."""
    return example_settings(Path("config/secret.key"), discover().values())


def main() -> None:
    """Write all tables and the example settings."""
    for path in {home for home, _ in TABLES.values()}:
        (ROOT / path).write_text(with_tables(path), "utf-8")
    (ROOT / "config/bridge.example.toml").write_text(example(), "utf-8")


if __name__ == "__main__":
    main()
