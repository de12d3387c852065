"""The messages of the sample university, around a moment."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bridge.sources.mytimetable.standin.curriculum import milliseconds

_DAY = timedelta(days=1)


def messages(now: datetime) -> list[dict[str, Any]]:
    """The messages at `now`, as JSON; some are only for students or staff."""
    return [
        message(
            1,
            "Onderhoud aan MyTimetable",
            now - 3 * _DAY,
            body="# Storing mogelijk\n\nHet rooster is **zaterdag** niet te zien. [Meer lezen](https://example.nl/onderhoud)",
            expires=now + 4 * _DAY,
            important=True,
        ),
        message(
            2,
            "Roosterwijzigingen",
            now - 10 * _DAY,
            body="- kijk *elke ochtend* in het rooster\n- vragen: bij de onderwijsbalie",
            roles=["ROLE_STUDENT"],
        ),
        message(3, "Roosterwensen", now - _DAY, body="Graag voor het einde van de maand.", roles=["ROLE_STAFF"]),
        message(4, "Nieuwe zalen", now - 30 * _DAY, expires=now - 2 * _DAY),
    ]


def message(
    number: int,
    title: str,
    published: datetime,
    *,
    body: str = "Kijk voor de les in het rooster.",
    expires: datetime | None = None,
    important: bool = False,
    roles: Sequence[str] = (),
) -> dict[str, Any]:
    """A message; without `roles` it is for everybody."""
    return {
        "id": number,
        "title": title,
        "body": body,
        "important": important,
        "publicationDate": milliseconds(published),
        "expirationDate": milliseconds(expires) if expires else None,
        "targetRoles": list(roles),
    }
