"""How much an answer weighs, to know beforehand whether reading it takes long."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

from bridge.upstream.reply import Body

_OF_A_VALUE = 50


def weighs_over(payload: Any, limit: int) -> bool:
    """Whether a payload has more than about `limit` bytes; it is looked through only until then.

    An object that several answers share, which is parsed once, counts once.
    """
    weight = 0
    waiting = [payload]
    seen = set[int]()
    while waiting:
        value = waiting.pop()
        inside = _inside(value.__class__)
        if inside is None:
            weight += len(value)
        elif id(value) not in seen:
            seen.add(id(value))
            waiting.extend(inside(value))
        weight += _OF_A_VALUE
        if weight > limit:
            return True
    return False


@lru_cache(maxsize=256)
def _inside(kind: type[Any]) -> Callable[[Any], Iterable[Any]] | None:
    """Gives what is inside a value of a type; `None` if it has a length in bytes or characters itself."""
    if issubclass(kind, Body | bytes | str):
        return None
    if issubclass(kind, Mapping):
        return lambda value: value.values()
    if issubclass(kind, tuple | list | set | frozenset):
        return lambda value: value
    names = [field.name for field in fields(kind)] if is_dataclass(kind) else getattr(kind, "__struct_fields__", ())
    return lambda value: [getattr(value, name) for name in names]
