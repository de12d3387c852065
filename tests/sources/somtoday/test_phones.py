"""Phones that follow the feed of a pupil while the school changes its timetable and has its days."""

import random
from collections.abc import Callable

import pytest

from bridge.upstream.discovery import discover
from tests.conftest import OpenSchool, SettableClock
from tests.faults import as_usual, saying
from tests.phones import Google, Icsx5, Thunderbird, followed

ANSWERS = [saying(500), saying(200, "<html>Even geduld</html>", "text/html"), as_usual, as_usual]


@pytest.mark.parametrize("storage_url", ["sqlite"], indirect=True)
async def test_each_phone_has_exactly_what_is_in_the_feed(open_school: OpenSchool) -> None:
    clock, chance = SettableClock(), random.Random(4)  # noqa: S311 - seeded, not secret
    stand_in = discover()["somtoday"].stand_in(clock)
    changes: list[Callable[[], object]] = [
        *stand_in.controls.values(),
        lambda: clock.forward(minutes=chance.randrange(600)),
    ]
    async with open_school({"fortes": stand_in}, past="3d", future="14d") as school:
        await school.add("anna", "fortes")
        async with followed(school, "anna") as feed:
            phones = [phone(feed.address) for phone in (Icsx5, Thunderbird, Google)]
            marks = set()
            for _ in range(20):
                chance.choice(changes)()
                clock.forward(minutes=chance.randrange(200))
                stand_in.faults["/rest/v1/afspraakitems"] = chance.choice(ANSWERS)
                if await feed.refresh():
                    marks |= {entry.value("SUMMARY").partition(": ")[0] for entry in phones[0].entries.values()}
                await feed.show(*phones)
            assert {"Vervalt", "Verplaatst", "Gewijzigd"} <= marks
