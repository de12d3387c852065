"""Answers that are good but for some values: missing, doubled, of another type, too far away, or unprintable."""

import json
import random
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from bridge.upstream.contract import Answer
from bridge.upstream.http import Body

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


def shortened(answer: Answer, most: int = 3) -> Answer:
    """`answer` with the first few items of each of its lists, and no more of an object than an item has."""
    return Answer(tuple((name, written(_short(_parsed(body), most)).encode()) for name, body in answer.documents))


def _parsed(body: Body | bytes) -> Any:
    return json.loads(bytes(body), object_pairs_hook=Pairs)


def _short(value: Any, most: int) -> Any:
    if isinstance(value, Pairs):
        return Pairs((key, _short(held, most)) for key, held in value[:_LARGEST_OBJECT])
    return [_short(held, most) for held in value[:most]] if isinstance(value, list) else value


def spoiled(answer: Answer) -> Iterator[Answer]:
    """`answer` over and over, each time with one hostile value under one name of one of its documents.

    A name meets a third of the values; the next one meets the next third.
    """
    for place, (document, body) in enumerate(answer.documents):
        names = sorted({key for held in _containers(_parsed(body)) if isinstance(held, Pairs) for key, _ in held})
        for number, name in enumerate(names):
            for hostile in HOSTILE[number % 3 :: 3]:
                value = _parsed(body)
                first = next(held for held in _containers(value) if isinstance(held, Pairs) and name in dict(held))
                first[:] = [(key, hostile if key == name else kept) for key, kept in first]
                changed = document, written(value).encode()
                yield Answer((*answer.documents[:place], changed, *answer.documents[place + 1 :]))


def mutated(answer: Answer, chance: random.Random) -> Answer:
    """`answer` with up to four changes in one of its documents."""
    documents = list(answer.documents)
    place = chance.randrange(len(documents))
    name, body = documents[place]
    value = [_parsed(body)]
    for _ in range(chance.randint(1, 4)):
        _change(value, chance)
    documents[place] = name, b"".join(written(held).encode() for held in value[:1])
    return Answer(tuple(documents))


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
