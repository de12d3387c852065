"""How much an answer weighs, to know beforehand whether reading it takes long."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from msgspec import Struct

from bridge.upstream.reply import Body

_OF_A_VALUE = 50


def weighs_over(payload: Any, limit: int) -> bool:
    """Whether a payload has more than about `limit` bytes; it is looked through only until then."""
    weight = 0
    waiting = [payload]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Body | bytes | str):
            weight += len(value)
        elif isinstance(value, Mapping):
            waiting.extend(value.values())
        elif isinstance(value, tuple | list | set | frozenset):
            waiting.extend(value)
        elif is_dataclass(value):
            waiting.extend(getattr(value, field.name) for field in fields(value))
        elif isinstance(value, Struct):
            waiting.extend(getattr(value, name) for name in value.__struct_fields__)
        weight += _OF_A_VALUE
        if weight > limit:
            return True
    return False
