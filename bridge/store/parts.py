"""What is known of the parts of an account besides their events."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import orjson
from msgspec import Struct
from sqlalchemy import Connection, RowMapping, select, update

from bridge.model.event import Part
from bridge.model.window import Window
from bridge.store.codec import moment_of, seconds_of
from bridge.store.schema import parts


@dataclass(frozen=True, slots=True)
class Held:
    """An answer that is held back: the UIDs that it lacks, and since when."""

    missing: frozenset[str]
    since: datetime


class KnownAnswer(Struct, frozen=True, gc=False):
    """An answer that was read: its digest, when it was last delivered, and its `choice` (`None` if unknown)."""

    digest: str
    came: datetime
    choice: str | None = None


@dataclass(frozen=True, slots=True)
class KnownPart:
    """What is known of a part.

    `answers` are the last ones, by name. `events` is the number of events upstream. `horizon` is the window of the last
    fetch. `remembered` are the last good answers to further requests.
    """

    answers: Mapping[str, KnownAnswer] = field(default_factory=dict)
    events: int = 0
    held: Held | None = None
    horizon: Window | None = None
    remembered: Mapping[str, bytes] = field(default_factory=dict)

    def chosen_otherwise(self, name: str, choice: str) -> bool:
        """Whether another choice is known to have been made when the answer of this name came last."""
        before = self.answers.get(name)
        return before is not None and before.choice not in {None, choice}

    @property
    def digests(self) -> dict[str, str]:
        """The digest of each answer."""
        return {name: answer.digest for name, answer in self.answers.items()}

    @property
    def came(self) -> dict[str, datetime]:
        """When each answer was last delivered."""
        return {name: answer.came for name, answer in self.answers.items()}


def part_columns(part: Part, known: KnownPart) -> dict[str, object]:
    """The columns of a part, except the account."""
    held = known.held
    return {
        "part": part,
        "answers": orjson.dumps(
            {name: (one.digest, seconds_of(one.came), one.choice) for name, one in known.answers.items()}
        ).decode(),
        "horizon": _horizon_out(known.horizon),
        "events": known.events,
        "held": json.dumps(sorted(held.missing)) if held else None,
        "held_since": held.since if held else None,
        "remembered": _packed(known.remembered),
    }


def known_part(row: RowMapping) -> KnownPart:
    """What is known of a part, from a row with its columns."""
    held = Held(frozenset(json.loads(row["held"])), row["held_since"]) if row["held"] else None
    answers = {
        name: KnownAnswer(digest, moment_of(came), *choice)
        for name, (digest, came, *choice) in orjson.loads(row["answers"]).items()
    }
    return KnownPart(answers, row["events"], held, _horizon_in(row["horizon"]), _unpacked(row["remembered"]))


def read_again(connection: Connection, account_id: int) -> None:
    """Within a transaction: have the next answers of an account read, also if they equal the last ones."""
    mine = parts.c.account_id == account_id
    for part, answers in connection.execute(select(parts.c.part, parts.c.answers).where(mine)).all():
        unequal = {name: ("", *rest) for name, (_, *rest) in orjson.loads(answers).items()}
        values = {"answers": orjson.dumps(unequal).decode()}
        connection.execute(update(parts).where(mine, parts.c.part == part).values(values))


def _packed(bodies: Mapping[str, bytes]) -> bytes | None:
    """Bodies as they are stored: their names and lengths as JSON in a first line, and then all of them, compressed."""
    if not bodies:
        return None
    head = json.dumps({name: len(body) for name, body in bodies.items()}).encode()
    return zlib.compress(b"\n".join((head, b"".join(bodies.values()))))


def _unpacked(stored: bytes | None) -> dict[str, bytes]:
    if stored is None:
        return {}
    head, _, rest = zlib.decompress(stored).partition(b"\n")
    found, start = {}, 0
    for name, length in json.loads(head).items():
        found[name] = rest[start : start + length]
        start += length
    return found


def _horizon_out(window: Window | None) -> str | None:
    return None if window is None else f"{window.start}/{window.end}"


def _horizon_in(text: str | None) -> Window | None:
    return None if text is None else Window(*map(date.fromisoformat, text.split("/")))
