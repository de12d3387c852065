"""How fast the operator's pages are with 20,000 people."""

import json
import os
import time
import zlib
from datetime import UTC, datetime

from sqlalchemy import Connection, insert

from bridge.store import schema
from bridge.store.account import State
from tests.conftest import slow
from tests.server.admin.conftest import Desk, OpenDesk

PEOPLE = 20_000
MOST = 0.1
REMEMBERED = zlib.compress(b'{"answer": 1500}\n' + os.urandom(1500))
PATHS = (
    "",
    "/people",
    "/people?page=399",
    "/people?search=person+1999",
    "/people?search=nobody+at+all",
    "/people?source=club&state=failing&page=3",
    "/people/user-10000",
    "/sources/club",
    "/held",
    "/feeds",
    "/audit",
)


def fill(connection: Connection, now: datetime) -> None:
    """People with an account, three parts of it and a feed each; one in 50 fails, one in 500 is held back."""
    at = int(now.timestamp())
    numbers = range(1, PEOPLE + 1)
    states = {number: _state(number) for number in numbers}
    connection.execute(
        insert(schema.users),
        [
            {
                "id": n,
                "name": f"user-{n:05}",
                "folded": f"user-{n:05}",
                "title": f"Person {n} of School",
                "created": _moment(at),
            }
            for n in numbers
        ],
    )
    connection.execute(
        insert(schema.accounts),
        [
            {
                "id": 100 + n,
                "user_id": n,
                "source": "club",
                "type": "club",
                "identity": f"user-{n}@school.example",
                "person": str(n),
                "options": "{}",
                "state": states[n],
                "failures": 0,
                "last_ok": _moment(at - n % 1800),
                "next_due": _moment(at + 1800 + n % 1800),
                "created": _moment(at),
            }
            for n in numbers
        ],
    )
    for part in ("schedule", "homework", "absences"):
        connection.execute(
            insert(schema.parts),
            [
                {
                    "account_id": 100 + n,
                    "part": part,
                    "answers": json.dumps({"": ("x" * 64, at, None)}),
                    "events": 400,
                    "held": '["a", "b"]' if states[n] is State.HELD and part == "schedule" else None,
                    "held_since": _moment(at) if states[n] is State.HELD and part == "schedule" else None,
                    "remembered": REMEMBERED,
                }
                for n in numbers
            ],
        )
    connection.execute(
        insert(schema.feeds),
        [
            {
                "id": n,
                "user_id": n,
                "name": "default",
                "title": "",
                "kinds": '["lesson"]',
                "options": "{}",
                "token_hash": f"hash-{n}",
                "token": "x" * 140,
                "created": _moment(at),
                "last_read": _moment(at),
                "wanted": 1,
                "rendered": 1,
                "size": 1_200_000 if n % 1000 == 0 else 140_000,
            }
            for n in numbers
        ],
    )
    connection.execute(
        insert(schema.audit),
        [{"at": _moment(at), "via": "api", "action": "user add", "number": n, "thing": None} for n in numbers],
    )


def _state(number: int) -> State:
    return State.HELD if number % 500 == 0 else State.FAILING if number % 50 == 0 else State.OK


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


async def best_of(desk: Desk, path: str, tries: int = 30) -> float:
    """The seconds by the clock from asking for a page to having it: the best of several tries, the client's work too.

    Other load of the machine is not the page's, so it is tried until it was quick enough once. What PostgreSQL does is
    in it.
    """
    took: list[float] = []
    while len(took) < tries and min(took, default=MOST) >= MOST:
        started = time.perf_counter()
        await desk.open(path)
        took.append(time.perf_counter() - started)
        assert desk.status == 200, path
    return min(took)


@slow("the operator's pages at 20,000 people")
async def test_every_table_is_there_in_under_100_ms_with_20_000_people(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        bridge, now = desk.site.school.bridge, desk.site.school.clock()
        await bridge.store.database.write(fill, now)
        took = {path: await best_of(desk, path) for path in PATHS}
        assert {path: round(seconds, 3) for path, seconds in took.items() if seconds >= MOST} == {}
