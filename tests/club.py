"""A made-up upstream that can change in any way: a chess club with a list of lessons, and the source that reads it.

It is found like any source that somebody else wrote, by an entry point; `install` puts that on the path.
"""

# ruff: noqa: ARG002 - a source is given more than this one needs

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web
from pydantic import BaseModel, Field
from yarl import URL

from bridge.errors import BadResponse, SourceError
from bridge.model.clock import Clock
from bridge.model.event import Event, Kind, Part, Status, Timed
from bridge.model.window import Window
from bridge.settings.schema import SourceSettings
from bridge.settings.values import HttpAddress
from bridge.upstream.contract import Account, Answer, Reading, Surroundings, read_items
from bridge.upstream.http import parse_json
from bridge.upstream.oauth import CredentialSlot
from bridge.upstream.source_type import SourceType
from bridge.upstream.standin import SamplePerson, StandIn

MEMBER = SamplePerson("roos", "Roos, chess player", identity="roos")
ZONE = "Europe/Amsterdam"
_METADATA = {
    "METADATA": "Metadata-Version: 2.1\nName: club\nVersion: 1.0\n",
    "entry_points.txt": "[roosterbridge.sources]\nclub = tests.club:SOURCE\n",
}


def install(folder: Path) -> None:
    """Make `folder`, once it is on the path, an installed distribution with this source in it."""
    place = folder / "club-1.0.dist-info"
    place.mkdir()
    for name, text in _METADATA.items():
        (place / name).write_text(text, "utf-8")


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the club says of one lesson. Its title is its own: no other lesson has it."""

    id: str
    title: str
    start: datetime
    end: datetime
    room: str
    match: bool = False
    cancelled: bool = False


@dataclass
class Club:
    """The club's lessons by id, as they stand now, and its server; while it is `forgetful` it tells of none."""

    lessons: dict[str, Lesson] = field(default_factory=dict)
    forgetful: bool = False

    def __post_init__(self) -> None:
        self.stand_in = StandIn("club", (MEMBER,), routes=self._routes)

    def put(self, lesson: Lesson) -> None:
        """Add it, or put it in the place of what has its id."""
        self.lessons[lesson.id] = lesson

    def told(self) -> list[Lesson]:
        """What it answers, while it answers."""
        return [] if self.forgetful else list(self.lessons.values())

    def _routes(self, app: web.Application, _address: str) -> None:
        async def answer(_: web.Request) -> web.Response:
            return web.json_response({"lessons": [_told(lesson) for lesson in self.told()]})

        app.router.add_get("/lessons", answer)


def _told(lesson: Lesson) -> dict[str, object]:
    return {
        "id": lesson.id,
        "title": lesson.title,
        "start": lesson.start.isoformat(),
        "end": lesson.end.isoformat(),
        "room": lesson.room,
        "match": lesson.match,
        "cancelled": lesson.cancelled,
    }


class ClubSettings(SourceSettings):
    api_url: HttpAddress = Field(description="where the club is")


class _Item(BaseModel):
    id: str = Field(min_length=1)
    title: str
    start: datetime
    end: datetime
    room: str
    match: bool
    cancelled: bool


class _ClubSource:
    def __init__(self, settings: ClubSettings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._http = surroundings.http(settings)

    async def check(self) -> str:
        await self._ask()
        return "reachable"

    async def connect(self, identity: str | None, account: Account, slot: CredentialSlot) -> Account:
        return Account(identity or "", account.options)

    async def fetch(
        self, account: Account, slot: CredentialSlot, window: Window
    ) -> Mapping[Part, Answer | SourceError]:
        try:
            return {Part.SCHEDULE: Answer((("lessons", await self._ask()),))}
        except SourceError as error:
            return {Part.SCHEDULE: error}

    def read(self, part: Part, answer: Answer, account: Account) -> Reading:
        (document,) = answer.of("lessons")
        told = parse_json(document, self._http.origin)
        if not isinstance(told, dict) or not isinstance(told.get("lessons"), list):
            raise BadResponse(f"{self._http.origin} sent no lessons.")
        return read_items(told["lessons"], _Item, _events, origin=self._http.origin)

    async def _ask(self) -> bytes:
        return bytes((await self._http.get(URL(self._settings.api_url) / "lessons")).body)


def _events(item: _Item) -> Iterator[Event]:
    yield Event(
        item.id,
        Kind.EXAM if item.match else Kind.LESSON,
        Timed(item.start, item.end, ZONE),
        item.title,
        subject=item.title,
        locations=(item.room,),
        status=Status.CANCELLED if item.cancelled else Status.CONFIRMED,
    )


def _stand_in(clock: Clock) -> StandIn:
    start = clock() + timedelta(days=1)
    return Club({"1": Lesson("1", "Lesson 1", start, start + timedelta(hours=1), "A1")}).stand_in


SOURCE = SourceType(
    name="club",
    summary="a chess club that was made up",
    settings=ClubSettings,
    create=_ClubSource,
    parts=(Part.SCHEDULE,),
    stand_in=_stand_in,
    identity_help="first name",
)
