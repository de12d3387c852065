"""Grades, as notices on the day on which they were entered."""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta

from bridge.model.event import AllDay, Event, Kind
from bridge.sources.somtoday.mapping.items import about, all_items, day, digest
from bridge.sources.somtoday.models import Grade, Subject
from bridge.upstream.contract import Reading, read_items
from bridge.upstream.http import Body

_COMPUTED = re.compile("gemiddelde|rapport", re.IGNORECASE)


def read_grades(pages: Sequence[Body], *, pupil: str, with_marks: bool, origin: str) -> Reading:
    """A notice for each grade, from GET /resultaten/huidigVoorLeerling/{id}, without averages."""

    def notice(item: Grade) -> Iterable[Event]:
        if _COMPUTED.search(item.sort or "") or (item.pupil and not about((item.pupil,), pupil)):
            return
        entered = day(item.entered)
        subject = item.subject or Subject()
        name = subject.naam or subject.afkorting or ""
        yield Event(
            identity=f"cijfer:{item.key or digest(name, item.entered)}",
            kind=Kind.NOTICE,
            when=AllDay(entered, entered + timedelta(days=1)),
            title=f"Nieuw cijfer: {name}" if name else "Nieuw cijfer",
            subject=subject.naam or "",
            code=subject.afkorting or "",
            notes=f"Cijfer: {item.mark}" if with_marks and item.mark else "",
        )

    return read_items(all_items(pages, origin), Grade, notice, origin=origin)
