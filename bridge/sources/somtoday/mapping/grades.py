"""Grades, as notices on the day on which they were entered."""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from bridge.model.event import AllDay, Event, Kind
from bridge.sources.somtoday.mapping.items import about, all_items, day, digest, key_of
from bridge.sources.somtoday.models import Grade, Subject
from bridge.upstream.contract import Reading, Unread, read_items
from bridge.upstream.reply import Body

_COMPUTED = re.compile("gemiddelde|rapport", re.IGNORECASE)
_GRADE = "cijfer:"


def read_grades(pages: Sequence[Body], *, pupil: str, with_marks: bool, origin: str) -> Reading:
    """A notice for each grade, from GET /resultaten/huidigVoorLeerling/{id}.

    Averages are none, nor are tests that have no result, or no day of entry yet.
    """

    def notice(item: Grade) -> Iterable[Event]:
        if _COMPUTED.search(item.sort or "") or (item.pupil and not about((item.pupil,), pupil)):
            return
        if not item.mark or item.not_made or not item.entered:
            return
        entered = day(item.entered)
        subject = item.subject or Subject()
        name = subject.naam or subject.afkorting or ""
        notes = (f"Toets: {item.test}" if item.test else "", f"Cijfer: {item.mark}" if with_marks else "")
        yield Event(
            identity=f"{_GRADE}{item.key or digest(name, item.entered)}",
            kind=Kind.NOTICE,
            when=AllDay(entered, entered + timedelta(days=1)),
            title=f"Nieuw cijfer: {name}" if name else "Nieuw cijfer",
            subject=subject.naam or "",
            code=subject.afkorting or "",
            notes="\n".join(filter(None, notes)),
        )

    return read_items(all_items(pages, origin), Grade, notice, origin=origin, identify=_unread)


def _unread(item: Any) -> Unread:
    key = key_of(item)
    return Unread(f"{_GRADE}{key}" if key else "")
