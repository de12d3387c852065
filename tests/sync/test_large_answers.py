"""Answers that take long to read, and those that are larger than any person's can be."""

# ruff: noqa: ARG002 - a source takes what the contract says, whether it needs it or not

import asyncio
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from bridge.errors import BadResponse
from bridge.model.event import Event, Kind, Part, Task, Timed
from bridge.model.window import Window
from bridge.settings.schema import SourceSettings
from bridge.store.credentials import NoCredential
from bridge.sync.snapshot import Delivered, take_snapshot
from bridge.upstream.contract import Account, Answer, Reading
from bridge.upstream.credential import CredentialSlot
from bridge.upstream.reply import LARGEST_LIST, Body, expect_reasonable
from bridge.upstream.weight import weighs_over

WINDOW = Window(date(2026, 11, 1), date(2027, 2, 1))
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Large:
    """What takes memory."""


@dataclass
class Reader:
    """A source that has one answer, and reads it as it is told to."""

    payload: object
    reads: Callable[[], Reading]
    threads: list[threading.Thread] = field(default_factory=list)

    async def check(self) -> str:
        return "reachable"

    async def connect(self, identity: str | None, account: Account, slot: CredentialSlot) -> Account:
        return account

    async def fetch(self, account: Account, slot: CredentialSlot, window: Window) -> Mapping[Part, Answer]:
        return {Part.SCHEDULE: Answer(self.payload, "1")}

    def read(self, part: Part, payload: object, account: Account) -> Reading:
        self.threads.append(threading.current_thread())
        return self.reads()


async def snapshot(reader: Reader) -> object:
    settings = SourceSettings(type="made-up", title="Fortes")
    taken = await take_snapshot(reader, settings, Account(), NoCredential(), WINDOW, {})
    return taken[Part.SCHEDULE]


def busy() -> Reading:
    end = time.thread_time() + 0.5
    while time.thread_time() < end:
        sum(range(1000))
    return Reading()


async def test_nothing_waits_while_a_large_answer_is_read() -> None:
    reader = Reader(Body((b"x" * 100_000,)), busy)
    reading = asyncio.create_task(snapshot(reader))
    turns = 0
    while not reading.done():
        await asyncio.sleep(0.005)
        turns += 1
    assert isinstance(await reading, Delivered)
    assert reader.threads != [threading.main_thread()]
    assert turns > 20


async def test_a_small_answer_is_read_at_once() -> None:
    reader = Reader(Body((b"x" * 1000,)), Reading)
    await snapshot(reader)
    assert reader.threads == [threading.current_thread()]


async def test_more_events_than_any_person_has_fail_the_part_with_a_sentence() -> None:
    when = Timed(NOON, NOON + timedelta(hours=1), "Europe/Amsterdam")
    events = tuple(Event(str(number), Kind.LESSON, when, "Wiskunde") for number in range(20_001))
    failed = await snapshot(Reader(Body((b"x",)), lambda: Reading(events, items=len(events))))
    assert isinstance(failed, BadResponse)
    assert failed.sentence == "Fortes sent more than 20,000 events at once."


async def test_what_was_read_of_an_answer_that_is_refused_goes_although_the_refusal_is_kept() -> None:
    held: list[weakref.ref[object]] = []

    def refused() -> Reading:
        read = Large()
        held.append(weakref.ref(read))
        raise BadResponse("Fortes sent something else.")

    failed = await snapshot(Reader(Body((b"x",)), refused))
    assert isinstance(failed, BadResponse)
    assert held[0]() is None


def test_a_list_is_no_larger_than_16_mib() -> None:
    page = Body((bytes(LARGEST_LIST // 4),))
    expect_reasonable([page] * 4, "Fortes")
    with pytest.raises(BadResponse, match="Fortes sent a list of more than 16 MiB"):
        expect_reasonable([page] * 5, "Fortes")


@pytest.mark.parametrize(
    "payload",
    [
        Body((b"x" * 60, b"x" * 60)),
        {"a": ["x" * 60, ("y" * 60,)]},
        [1] * 10,
        Account(options={"a": "x" * 200}),
        [Task(identity="a", text="x" * 200)],
    ],
)
def test_a_payload_of_any_form_is_weighed(payload: object) -> None:
    assert weighs_over(payload, 110)
    assert not weighs_over(payload, 2000)
