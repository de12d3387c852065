"""Days, and answers by hand."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bridge.model.event import Event
from bridge.model.window import Window
from bridge.sources.checkin.mapping import Answered, read_check_ins
from bridge.upstream.contract import Reading
from tests.sources.bodies import body

WEDNESDAY = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
WINDOW = Window(date(2026, 9, 26), date(2027, 11, 26))
USER: dict[str, Any] = {"id": 47, "name": "Student", "email": "s.tudent@st.example.nl", "roles": []}


def done(number: int, created_at: str, **fields: Any) -> dict[str, Any]:
    """A check-in as the document shows one."""
    return {"id": number, "user_id": 47, "created_at": created_at, "updated_at": created_at} | fields


def read(
    *,
    daily: Any = (),
    weekly: Any = (),
    user: Any = USER,
    today: date = date(2026, 11, 25),
    zone: str = "Europe/Amsterdam",
) -> Reading:
    answered = Answered(today, body(user), [body(daily)], [body(weekly)])
    return read_check_ins(answered, person="47", zone=ZoneInfo(zone), origin="Check-in")


def only(reading: Reading) -> Event:
    (event,) = reading.events
    assert reading.skipped == 0
    return event
