"""Answers that are good but for some values: missing, doubled, of another type, too far away, or unprintable."""

import json
import random
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from tests.sources.retold import Conversation, Request

HOSTILE: tuple[Any, ...] = (
    None,
    True,
    "",
    " ",
    "x",
    0,
    -1,
    4.5,
    2**70,
    1e308,
    float("inf"),
    float("nan"),
    -62135596800000,
    253402300799000,
    "0001-01-01T00:00:00",
    "0001-01-01",
    "9999-12-31T23:59:59",
    "9999-12-31",
    "2026-02-30",
    "2026-11-22T10:00:00+23:59",
    "1e9",
    "\x00\x1b[31m\x7f\u2028\ufffe",
    "\ud800",
    "🐓" * 500,
    "a,b;c\\n\r\nEND:VEVENT",
    [],
    {},
    [None],
    [[[[[[[[]]]]]]]],
    {"items": None},
)


_LARGEST_OBJECT = 30


class Pairs(list[tuple[str, Any]]):
    """An object as written: a key may come twice."""


def shortened(said: Conversation, most: int = 4) -> Conversation:
    """What was `said` with the first few items of each list, and no more of an object than an item has."""
    return {
        request: answer if value is None else answer._replace(body=written(_short(value, most)).encode())
        for request, answer in said.items()
        for value in (_parsed(answer.body),)
    }


def _parsed(body: bytes) -> Any:
    """What a body says; `None` where that is no JSON."""
    try:
        return json.loads(body, object_pairs_hook=Pairs)
    except ValueError:
        return None


def _short(value: Any, most: int) -> Any:
    if isinstance(value, Pairs):
        return Pairs((key, _short(held, most)) for key, held in value[:_LARGEST_OBJECT])
    return [_short(held, most) for held in value[:most]] if isinstance(value, list) else value


def spoiled(said: Conversation, share: int = 6) -> Iterator[Conversation]:
    """What was `said` over and over, each time with one hostile value under one name of one answer.

    Of each sort of request, only the longest answer is spoiled. A name meets a sixth of the values, or another
    `share`; the next one meets the next sixth.
    """
    longest: dict[str, Request] = {}
    for request in sorted(said, key=lambda one: len(said[one].body)):
        longest[request.sort] = request
    for request in longest.values():
        names = sorted({key for held in _containers(_parsed(said[request].body)) for key in _names(held)})
        for number, name in enumerate(names):
            for hostile in HOSTILE[number % share :: share]:
                value = _parsed(said[request].body)
                first = next(held for held in _containers(value) if name in _names(held))
                first[:] = [(key, hostile if key == name else kept) for key, kept in first]
                yield {**said, request: said[request]._replace(body=written(value).encode())}


def mutated(said: Conversation, chance: random.Random) -> Conversation:
    """What was `said` with up to four changes in one answer."""
    request = chance.choice(list(said))
    value = [_parsed(said[request].body)]
    for _ in range(chance.randint(1, 4)):
        _change(value, chance)
    body = b"".join(written(held).encode() for held in value[:1])
    return {**said, request: said[request]._replace(body=body)}


def _names(container: list[Any]) -> set[str]:
    return {key for key, _ in container} if isinstance(container, Pairs) else set()


def written(value: Any) -> str:
    """JSON, with whatever keys come twice."""
    if isinstance(value, Pairs):
        return "{" + ",".join(f"{json.dumps(key)}:{written(held)}" for key, held in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    return json.dumps(value)


def _change(root: list[Any], chance: random.Random) -> None:
    """Change one value, or every value of one name."""
    containers = list(_containers(root))
    container = chance.choice(containers)
    if not container:
        return
    number = chance.randrange(len(container))
    hostile = deepcopy(chance.choice(HOSTILE))
    if not isinstance(container, Pairs):
        chance.choice((_replace, _remove, _double))(container, number, hostile)
        return
    key = container[number][0]
    if chance.random() < 1 / 2:
        chance.choice((_replace, _remove, _double))(container, number, (key, hostile))
        return
    for other in containers:
        if isinstance(other, Pairs):
            other[:] = [(name, deepcopy(hostile) if name == key else held) for name, held in other]


def _replace(container: list[Any], number: int, hostile: Any) -> None:
    container[number] = hostile


def _remove(container: list[Any], number: int, _: Any) -> None:
    del container[number]


def _double(container: list[Any], number: int, hostile: Any) -> None:
    container.insert(number + 1, hostile)


def _containers(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, list):
        yield value
        for held in value:
            yield from _containers(held[1] if isinstance(value, Pairs) else held)
