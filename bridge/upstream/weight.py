"""How much an answer weighs, to know beforehand whether reading it takes long."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
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
        else:
            waiting.extend([getattr(value, name) for name in _names_of(value.__class__)])
        weight += _OF_A_VALUE
        if weight > limit:
            return True
    return False


@lru_cache(maxsize=256)
def _names_of(kind: type[Any]) -> tuple[str, ...]:
    """The names of the fields of a type, if it has any."""
    if is_dataclass(kind):
        return tuple(field.name for field in fields(kind))
    return kind.__struct_fields__ if issubclass(kind, Struct) else ()
