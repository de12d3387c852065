"""The settings file that `init` writes, made from the settings classes: every setting with its default."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bridge.settings.schema import SECTIONS, SourceSettings
from bridge.settings.values import format_duration
from bridge.upstream.source_type import SourceType

_HEAD = "# Roosterbridge. A line that begins with # shows a default, or an example where there is none.\n"


def example_settings(key: Path, types: Iterable[SourceType[Any]]) -> str:
    """The text of a settings file with the secret key at `key`. All sources are commented out."""
    tables = [_HEAD]
    for section, model in SECTIONS.items():
        lines = [f"[{section}]"]
        for name, field in model.model_fields.items():
            given = name == "secret_key_file"
            value = json.dumps(str(key)) if given else _value(field)
            lines.append(f"{'' if given else '# '}{name} = {value}{_comment(field)}")
        tables.append("\n".join(lines) + "\n")
    for source in types:
        lines = [f"# {source.summary}", f"# [sources.my-{source.name}]", f'# type = "{source.name}"']
        own = {name: field for name, field in source.settings.model_fields.items() if name != "type"}
        for name, field in own.items():
            if field.is_required() or name not in SourceSettings.model_fields or name == "title":
                lines.append(f"# {name} = {_value(field)}{_comment(field)}")
        tables.append("\n".join(lines) + "\n")
    return "\n".join(tables)


def _value(field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True, validated_data={})
    if default is PydanticUndefined or default is None:
        return '"…"'
    if hasattr(default, "total_seconds"):
        return json.dumps(format_duration(default))
    return json.dumps(
        default if isinstance(default, bool | int | float | list | dict) else str(default), ensure_ascii=False
    )


def _comment(field: FieldInfo) -> str:
    return f"  # {field.description}" if field.description else ""
