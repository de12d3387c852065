"""The tables in README and docs, as the code tells them. `python -m tests.docs.tables` writes them anew."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bridge.calendar.options import option_forms, option_values
from bridge.cli.main import app
from bridge.settings.schema import SECTIONS, SourceSettings
from bridge.settings.values import format_duration
from bridge.upstream.discovery import discover
from tests.sources.somtoday import side_by_side

ROOT = Path(__file__).parents[2]
_OPTIONS_OF_ALL = {"config", "as_json", "help"}


def commands() -> str:
    """Every command with its arguments and options."""
    lines = ["| command | what |", "| --- | --- |"]
    for words, command in _leaves(typer.main.get_command(app), []):
        usage = " ".join([*words, *_parameters(command)])
        lines.append(f"| `{usage}` | {command.help.strip().splitlines()[0].rstrip('.')} |")
    return "\n".join(lines)


def _leaves(command: Any, words: list[str]) -> Iterator[tuple[list[str], Any]]:
    for name, found in getattr(command, "commands", {"": command}).items():
        if hasattr(found, "commands"):
            yield from _leaves(found, [*words, name])
        else:
            yield [*words, name], found


def _parameters(command: Any) -> Iterator[str]:
    for parameter in command.params:
        if parameter.name in _OPTIONS_OF_ALL:
            continue
        if parameter.param_type_name == "argument":
            name = parameter.name.rstrip("s").upper()
            several = "…" if parameter.nargs != 1 else ""
            yield name if parameter.required else f"[{name}{several}]"
        else:
            flag = parameter.opts[0]
            yield f"[{flag}]" if parameter.is_flag else f"[{flag} {parameter.name.upper()}]"


def settings() -> str:
    """Every setting with its default."""
    lines = ["| setting | default | what |", "| --- | --- | --- |"]
    for section, model in SECTIONS.items():
        lines += [_row(f"{section}.{name}", field) for name, field in model.model_fields.items()]
    lines += [_row(f"sources.NAME.{name}", field) for name, field in SourceSettings.model_fields.items()]
    for source in discover().values():
        common = SourceSettings.model_fields
        for name, field in source.settings.model_fields.items():
            if name not in common or (name != "type" and field.default != common[name].default):
                lines.append(_row(f"sources.NAME.{name}", field, f"{source.name}: "))
    return "\n".join(lines)


def _row(name: str, field: FieldInfo, prefix: str = "") -> str:
    default = field.get_default(call_default_factory=True, validated_data={})
    if default is PydanticUndefined:
        told = "*required*"
    elif default is None or default == "":
        told = ""
    else:
        told = f"`{format_duration(default) if hasattr(default, 'total_seconds') else default}`"
    return f"| `{name}` | {told} | {prefix}{field.description} |"


def options() -> str:
    """Every feed option with its values."""
    lines = ["| option | values, the default first | what |", "| --- | --- | --- |"]
    forms = option_forms()
    for name, (_, values, description) in option_values().items():
        lines.append(f"| `{name}` | {', '.join(f'`{value}`' for value in values) or forms[name]} | {description} |")
    return "\n".join(lines)


TABLES: dict[str, tuple[str, Callable[[], str]]] = {
    "commands": ("README.md", commands),
    "settings": ("README.md", settings),
    "side-by-side": ("docs/somtoday.md", side_by_side.table),
    "options": ("docs/feeds.md", options),
}


def with_tables(path: str) -> str:
    """A file's text, its tables as the code tells them."""
    text = (ROOT / path).read_text("utf-8")
    for name, (home, table) in TABLES.items():
        if home == path:
            start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
            before, _, rest = text.partition(start)
            text = f"{before}{start}{table()}\n{end}{rest.partition(end)[2]}"
    return text


def main() -> None:
    """Write all tables."""
    for path in {home for home, _ in TABLES.values()}:
        (ROOT / path).write_text(with_tables(path), "utf-8")


if __name__ == "__main__":
    main()
