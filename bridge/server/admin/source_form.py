"""The form of a source: its settings as fields, made from the class that checks them. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from bridge.people.configuring import secret
from bridge.server.pages.languages import message
from bridge.settings.schema import SourceSettings
from bridge.settings.values import format_duration

NEEDED = message("This is needed.")
NOT_VALID = message("This is not valid.")
_MAIN = ("title", "api_url", "auth_url", "country", "region", "api_token", "structure")
_LABELS = {"title": message("the school's name for people")}
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class SettingField:
    """A setting as a field.

    Attributes:
        name: the key in the settings.
        label: what it is, which pages translate.
        sort: text, address, secret, number or choice.
        choices: the values of a choice.
        usual: the default, as it would be typed.
        main: whether it stands above the fold.
    """

    name: str
    label: str
    sort: str
    choices: Sequence[str]
    usual: str
    needed: bool
    main: bool


@dataclass(frozen=True, slots=True)
class SourceForm:
    """What was typed, and what is wrong with it, by field ("" for the whole form)."""

    name: str
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    kept: str = field(default="", repr=False)

    def wrong(self, errors: Mapping[str, str]) -> "SourceForm":
        """The same form, with what is wrong with it."""
        return replace(self, errors=errors)

    def value(self, one: SettingField) -> str:
        """What the field of a setting shows."""
        return "" if one.sort == "secret" else self.values.get(one.name, one.usual if one.sort == "choice" else "")


def fields_of(settings: type[SourceSettings]) -> list[SettingField]:
    """The fields of a class of settings: those first that are needed, and those that most schools set."""
    found = [_field(name, info) for name, info in settings.model_fields.items() if name != "type"]
    order = {name: place for place, name in enumerate(("title", "api_url"))}
    return sorted(found, key=lambda one: (not one.main, order.get(one.name, 2), not one.needed))


def free_name(kind: str, taken: Collection[str]) -> str:
    """A name for a new source: its type, with a number where that is taken."""
    number = 1
    while (name := kind if number == 1 else f"{kind}-{number}") in taken:
        number += 1
    return name


def faults_of(
    settings: type[SourceSettings], kind: str, name: str, given: Mapping[str, object], taken: Collection[str]
) -> dict[str, tuple[str, str]]:
    """What is wrong, by field: a message that pages translate, and the details in English."""
    faults: dict[str, tuple[str, str]] = {}
    if not _NAME.fullmatch(name):
        faults["name"] = (message("Use lower-case letters, digits, - and _."), "")
    elif name in taken:
        faults["name"] = (message("There is a source of that name already."), "")
    try:
        settings.model_validate({**given, "type": kind})
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False, include_context=False):
            place = str(one["loc"][0]) if one["loc"] else ""
            detail = one["msg"].removeprefix("Value error, ")
            faults.setdefault(place, (NEEDED, "") if one["type"] == "missing" else (NOT_VALID, detail))
    return faults


def typed(settings: type[SourceSettings], sent: Mapping[str, str]) -> dict[str, str]:
    """The settings that were filled in, of those that are not their defaults."""
    found = {}
    for one in fields_of(settings):
        value = sent.get(one.name, "").strip()
        if value and value != one.usual:
            found[one.name] = value
    return found


def as_typed(values: Mapping[str, Any]) -> dict[str, str]:
    """Settings that are stored, as they would be typed."""
    return {name: _text(value) for name, value in values.items()}


def _field(name: str, info: FieldInfo) -> SettingField:
    choices = _choices(info.annotation)
    if secret(info):
        sort = "secret"
    elif choices:
        sort = "choice"
    elif name.endswith("_url"):
        sort = "address"
    else:
        sort = "text"
    needed = info.is_required()
    usual = "" if needed else _text(info.get_default(call_default_factory=True))
    label = _LABELS.get(name) or info.description or name
    return SettingField(name, label, sort, choices, usual, needed, needed or name in _MAIN)


def _choices(annotation: Any) -> Sequence[str]:
    if annotation is bool:
        return ("true", "false")
    return tuple(map(str, get_args(annotation))) if get_origin(annotation) is Literal else ()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return format_duration(value) if hasattr(value, "total_seconds") else str(value)
