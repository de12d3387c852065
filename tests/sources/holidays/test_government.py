"""The library's school holidays against the lists that the Dutch government publishes, file by file."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bridge.model.window import Window
from tests.sources.holidays.schools import by_title, deliver

SAMPLES = sorted((Path(__file__).parent / "samples").glob("rijksoverheid-*.json"))
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def published(sample: Path, region: str) -> dict[str, tuple[str, str]]:
    """First and last day of each vacation; the end is published as the last minute of that day, in UTC."""
    years: list[dict[str, Any]] = json.loads(sample.read_text("utf-8"))
    found = {}
    for year in years:
        for content in year["content"]:
            for vacation in content["vacations"]:
                for row in vacation["regions"]:
                    if row["region"] in {region.lower(), "heel Nederland"}:
                        end = datetime.fromisoformat(row["enddate"]).astimezone(AMSTERDAM)
                        assert (end.hour, end.minute) == (23, 59)
                        last = end.date().isoformat()
                        found[vacation["type"].strip()] = row["startdate"][:10], last
    return found


def test_there_are_lists_to_compare_with() -> None:
    assert SAMPLES


@pytest.mark.parametrize("region", ["Noord", "Midden", "Zuid"])
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
async def test_the_library_agrees_with_the_government(sample: Path, region: str) -> None:
    first = int(sample.stem.split("-")[1])
    school_year = Window(date(first, 9, 1), date(first + 1, 7, 1))
    delivered = by_title(await deliver(school_year, country="NL", region=region, categories=["school"]))
    expected = published(sample, region)
    assert expected
    assert {name: delivered.get(name) for name in expected} == {name: [dates] for name, dates in expected.items()}
