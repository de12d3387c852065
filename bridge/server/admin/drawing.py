"""The last 24 hours of a source as a drawing: what became of refreshes, by quarter of an hour. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bridge.store.activity import QUARTER, Quarter, quarter_of

_BARS = 96
_WIDTH, _HEIGHT = 5, 48
_HOURS = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a bar: which sort, where its top is, and how high it is."""

    sort: str
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A quarter of an hour: where it is, the time of its beginning, and its pieces."""

    left: int
    time: str
    quarter: Quarter
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Mark:
    """A full hour below the bars."""

    left: int
    time: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """The bars of a day, and numbers for who does not see them."""

    bars: Sequence[Bar]
    marks: Sequence[Mark]
    good: int
    failed: int
    held: int

    width = _BARS * _WIDTH
    height = _HEIGHT
    bar = _WIDTH - 1


def draw_day(day: Sequence[Quarter], now: datetime, zone: ZoneInfo) -> Drawing:
    """Draw the 24 hours until now. Times are those of `zone`."""
    first = quarter_of(now) - (_BARS - 1) * QUARTER
    by_start = {one.starts: one for one in day if one.starts >= first}
    most = max((one.refreshes for one in by_start.values()), default=0)
    bars, marks = [], []
    for number in range(_BARS):
        starts = first + number * QUARTER
        local = starts.astimezone(zone)
        quarter = by_start.get(starts)
        if quarter is not None and quarter.refreshes:
            bars.append(Bar(number * _WIDTH, f"{local:%H:%M}", quarter, list(_pieces(quarter, most))))
        if local.minute == 0 and local.hour % _HOURS == 0:
            marks.append(Mark(number * _WIDTH, f"{local:%H:%M}"))
    counted = by_start.values()
    return Drawing(
        bars,
        marks,
        sum(one.good for one in counted),
        sum(one.failed for one in counted),
        sum(one.held for one in counted),
    )


def _pieces(quarter: Quarter, most: int) -> Iterator[Piece]:
    """The pieces of a bar, the good ones below. What failed is seen however little it is."""
    bottom = float(_HEIGHT)
    for sort, number in (("good", quarter.good), ("held", quarter.held), ("failed", quarter.failed)):
        if number:
            height = min(max(number / most * _HEIGHT, 3.0), bottom)
            bottom -= height
            yield Piece(sort, round(bottom, 1), round(height, 1))
