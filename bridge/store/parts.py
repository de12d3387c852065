"""What is known of an account's parts besides their events."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import orjson
from sqlalchemy import RowMapping

from bridge.model.event import Part
from bridge.model.window import Window


@dataclass(frozen=True, slots=True)
class Held:
    """An answer that is not believed yet: the UIDs that it lacks, and since when it lacks them."""

    missing: frozenset[str]
    since: datetime


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """An answer that was read: its digest, and when it came last."""

    digest: str
    came: datetime


@dataclass(frozen=True, slots=True)
class KnownPart:
    """What is known of a part.

    `answers` are those that were read last, by name; `events` is how many there are upstream; `horizon` is the window
    of the last fetch.
    """

    answers: Mapping[str, KnownAnswer] = field(default_factory=dict)
    events: int = 0
    held: Held | None = None
    horizon: Window | None = None

    @property
    def digests(self) -> dict[str, str]:
        """The digest of each answer."""
        return {name: answer.digest for name, answer in self.answers.items()}

    @property
    def came(self) -> dict[str, datetime]:
        """When each answer came last."""
        return {name: answer.came for name, answer in self.answers.items()}


def part_columns(part: Part, known: KnownPart) -> dict[str, object]:
    """The columns of a part, but for its account."""
    held = known.held
    return {
        "part": part,
        "answers": orjson.dumps(
            {name: (one.digest, int(one.came.timestamp())) for name, one in known.answers.items()}
        ).decode(),
        "horizon": _horizon_out(known.horizon),
        "events": known.events,
        "held": json.dumps(sorted(held.missing)) if held else None,
        "held_since": held.since if held else None,
    }


def known_part(row: RowMapping) -> KnownPart:
    """What is known of a part, from its columns."""
    held = Held(frozenset(json.loads(row["held"])), row["held_since"]) if row["held"] else None
    answers = {
        name: KnownAnswer(digest, datetime.fromtimestamp(came, UTC))
        for name, (digest, came) in orjson.loads(row["answers"]).items()
    }
    return KnownPart(answers, row["events"], held, _horizon_in(row["horizon"]))


def _horizon_out(window: Window | None) -> str | None:
    return None if window is None else f"{window.start}/{window.end}"


def _horizon_in(text: str | None) -> Window | None:
    return None if text is None else Window(*map(date.fromisoformat, text.split("/")))
