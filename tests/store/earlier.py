"""Storages of earlier versions: their schema by alembic, their rows as those versions wrote them."""

import gzip
import json
import lzma
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, func, insert, select, text

import bridge.store.migrations.migrate
from bridge.model.event import AllDay, Before, DayPart, Event, Kind, Part, Progress, Status, Task, Timed, When
from bridge.model.tracked import TrackedEvent
from bridge.model.window import Window
from bridge.store.database import Database
from bridge.store.parts import Held, KnownAnswer, KnownPart

_FOLDER = Path(__file__).parent / "storages"


def bring_to(connection: Connection, revision: str) -> None:
    """Upgrade to the schema of `revision`, within the caller's transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(bridge.store.migrations.migrate.__file__).parent))
    return config


async def make(url: str, revision: str, *rows: tuple[str, dict[str, object]]) -> None:
    """Make a storage of `revision` with these rows: a table's name, and values by column."""
    database = Database(url)

    def fill(connection: Connection) -> None:
        bring_to(connection, revision)
        for table, values in rows:
            names, places = ", ".join(values), ", ".join(f":{name}" for name in values)
            connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values)  # noqa: S608 - our own words

    await database.write(fill)
    await database.close()


def a_feed(number: int, name: str, **values: object) -> tuple[str, dict[str, object]]:
    """A feed's row, of the user with number 1, that was rendered once."""
    usual: dict[str, object] = {
        "id": number,
        "user_id": 1,
        "name": name,
        "title": "",
        "kinds": '["lesson"]',
        "options": "{}",
        "token_hash": f"hash-{number}",
        "token": "",
        "created": 1_795_000_000,
        "wanted": 3,
        "rendered": 3,
        "etag": f'W/"{name}"',
        "modified": 1_795_348_910,
    }
    return "feeds", usual | values


@dataclass(frozen=True)
class Earlier:
    """A storage that the code of an earlier version filled from the stand-ins of its demo, with a clock of its own.

    Lessons were cancelled and moved, logins refused, and an answer is held back. Each file under storages/ has the
    tables, column by column, and the token of each feed.
    """

    values: dict[str, Any]

    @property
    def revision(self) -> str:
        return str(self.values["revision"])

    @property
    def now(self) -> datetime:
        """When that version wrote last."""
        return datetime.fromtimestamp(self.values["now"], UTC)

    @property
    def namers(self) -> dict[str, list[str]]:
        """The registers that name each source's events."""
        found: dict[str, list[str]] = self.values["namers"]
        return found

    @property
    def revoked(self) -> str:
        """A token that is good no more."""
        return str(self.values["revoked"])

    def rows(self, table: str) -> list[dict[str, Any]]:
        """What was in a table; nothing, where that version did not have it."""
        found = self.values["tables"].get(table, {"columns": [], "rows": []})
        return [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]

    def feeds(self) -> dict[tuple[str, str], tuple[str, bytes]]:
        """The token and the calendar of each feed, by user and name."""
        users = {row["id"]: row["name"] for row in self.rows("users")}
        calendars = {row["feed_id"]: row["plain"].encode() for row in self.rows("feed_bytes")}
        named = {(users[row["user_id"]], row["name"]): calendars[row["id"]] for row in self.rows("feeds")}
        tokens = self.values["feeds"]
        return {feed: (tokens["/".join(feed)]["token"], calendar) for feed, calendar in named.items()}

    def events(self) -> dict[tuple[int, Part], dict[str, TrackedEvent]]:
        """All events by account and part, and then by UID."""
        sources = {row["id"]: row["source"] for row in self.rows("accounts")}
        found: defaultdict[tuple[int, Part], dict[str, TrackedEvent]] = defaultdict(dict)
        for row in self.rows("events"):
            found[row["account_id"], Part(row["part"])][row["uid"]] = _entry(row, sources[row["account_id"]])
        return dict(found)

    def known(self, account_id: int) -> dict[Part, KnownPart]:
        """What is to be known of an account's parts: nothing of those of the first version."""
        rows = self.rows("parts") if self.revision != "0001" else []
        return {Part(row["part"]): _known(row) for row in rows if row["account_id"] == account_id}

    async def fill(self, url: str) -> None:
        """Make it, at `url`."""
        database = Database(url)
        await database.write(self._fill)
        await database.close()

    async def fill_at(self, url: str, revision: str) -> None:
        """Make it, and bring it to a later schema."""
        await self.fill(url)
        database = Database(url)
        await database.write(bring_to, revision)
        await database.close()

    def _fill(self, connection: Connection) -> None:
        bring_to(connection, self.revision)
        tables = MetaData()
        tables.reflect(connection)
        for table in tables.sorted_tables:
            rows = self.rows(table.name)
            for row in rows if table.name == "feed_bytes" else ():
                row["plain"] = row["plain"].encode()
                row["gzip"] = gzip.compress(row["plain"], mtime=0) if row["gzip"] else None
            for row in rows if table.name == "credentials" else ():
                row["dead"] = bool(row["dead"])
            if rows:
                connection.execute(insert(table), rows)
            if rows and connection.dialect.name == "postgresql" and "id" in table.columns:
                highest = max(row["id"] for row in rows)  # else the next row would get the number of one that is there
                connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), highest)))


def earlier(revision: str) -> Earlier:
    """The storage of a schema."""
    return Earlier(json.loads(lzma.decompress((_FOLDER / f"{revision}.json.xz").read_bytes())))


def _entry(row: dict[str, Any], source: str) -> TrackedEvent:
    before = json.loads(row["before"]) if row.get("before") else None
    return TrackedEvent(
        row["uid"],
        source,
        _event(json.loads(row["content"])),
        row["sequence"],
        datetime.fromtimestamp(row["created"], UTC),
        datetime.fromtimestamp(row["modified"], UTC),
        _moment(row["vanished"]),
        None if before is None else _before(before),
        _moment(row.get("changed")),
    )


def _event(values: dict[str, Any]) -> Event:
    """An event as versions up to the schema 0003 wrote it."""
    read: dict[str, Any] = {
        "kind": Kind,
        "status": Status,
        "when": _when,
        "before": _before,
        "progress": Progress,
        "day_part": DayPart,
        "tasks": lambda lines: tuple(Task("", line.removeprefix("✓ "), done="✓" in line[:1]) for line in lines),
        **dict.fromkeys(("groups", "teachers", "locations", "periods", "position"), tuple),
    }
    return Event(**{name: read[name](value) if name in read else value for name, value in values.items()})


def _before(values: dict[str, Any]) -> Before:
    read: dict[str, Any] = {"when": _when, "locations": tuple, "teachers": tuple}
    return Before(**{name: read[name](value) for name, value in values.items()})


def _when(parts: list[str]) -> When:
    if len(parts) == 2:
        return AllDay(*map(date.fromisoformat, parts))
    return Timed(datetime.fromisoformat(parts[0]), datetime.fromisoformat(parts[1]), parts[2])


def _known(row: dict[str, Any]) -> KnownPart:
    answers = {name: KnownAnswer(digest, _moment(came)) for name, (digest, came) in json.loads(row["answers"]).items()}  # type: ignore[arg-type] # it came at some moment
    held = Held(frozenset(json.loads(row["held"])), _moment(row["held_since"])) if row["held"] else None  # type: ignore[arg-type] # so it was held
    horizon = Window(*map(date.fromisoformat, row["horizon"].split("/"))) if row["horizon"] else None
    return KnownPart(answers, row["events"], held, horizon)


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
