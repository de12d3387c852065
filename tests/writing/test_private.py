"""What people write is private: it is in no log, no metric, no feed without its option, and not kept when answered."""

from collections.abc import AsyncIterator

import pytest
from prometheus_client import generate_latest
from sqlalchemy import select

from bridge.model.event import SHOWN_BY_DEFAULT, Kind
from bridge.people.exports import everything_about
from bridge.sources.checkin.standin.server import make_server as make_programme
from bridge.sources.checkin.standin.server import stand_in_of as programme_of
from bridge.sources.informat.standin.server import make_server, stand_in_of
from bridge.store.encryption import encrypt_again
from bridge.store.schema import outbox
from bridge.sync.absences import report_absence
from bridge.sync.checkins import check_in
from bridge.sync.contacts import set_contact
from bridge.upstream.writing import Attachment, ContactNumber, DailyCheckIn
from tests.conftest import OpenSchool, School, SettableClock
from tests.faults import saying
from tests.writing.conftest import ill

_SECRETS = ("Hersenschudding", "De Wever", "03 555 12 12", "Bedroefd", "Ruziedag", "Doktersbriefje", "0496 10 12 14")


def everything(school: School) -> bytes:
    """All bytes of the storage, which is one file with its log."""
    file = school.bridge.store.database.file
    assert file is not None
    return b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))


@pytest.fixture
async def two(open_school: OpenSchool, clock: SettableClock, storage_url: str) -> AsyncIterator[School]:
    """A person with a job and a study, and a feed of everything by default."""
    if not storage_url.startswith("sqlite"):
        pytest.skip("the bytes of the storage are in a file on SQLite alone")
    stand_ins = {"sintjan": stand_in_of(make_server(clock)), "checkin": programme_of(make_programme(clock))}
    async with open_school(stand_ins) as opened:
        await opened.add("peeters", "sintjan")
        await opened.add("joost", "checkin")
        await opened.refresh()
        await opened.feed("peeters")
        await opened.feed("joost", kinds=[*SHOWN_BY_DEFAULT, Kind.CHECKIN])
        yield opened


async def write(school: School) -> None:
    desk = school.bridge.desk
    report = ill(remark="Hersenschudding", doctor="De Wever", doctor_phone="03 555 12 12")
    file = Attachment("54fea255-24d2-4a91-80db-7325d5dd3d5e", "brief.txt", b"Doktersbriefje")
    await report_absence(desk, "peeters", "sintjan", report, [file])
    await check_in(desk, "joost", "checkin", DailyCheckIn(6, 2, "Bedroefd", "Ruziedag"))


async def test_what_was_written_is_nowhere_once_it_is_answered(two: School, capsys: pytest.CaptureFixture[str]) -> None:
    await write(two)
    await two.bridge.store.database.scrub()
    ics = await two.ics("peeters") + await two.ics("joost")
    kept, logged = everything(two), "".join(capsys.readouterr())
    for word in _SECRETS:
        assert word.encode() not in kept, word
        assert word not in logged + ics, word
    sent = await two.bridge.store.database.read(lambda connection: connection.scalars(select(outbox.c.content)).all())
    assert sent == [None] * 3  # not encrypted either
    counted = generate_latest(two.bridge.metrics.registry).decode()
    assert not [word for word in (*_SECRETS, "peeters", "joost") if word in counted]
    exported = str(await everything_about(two.bridge.store, "peeters"))
    assert "Hersenschudding" not in exported
    assert "2026-11-24" in exported


async def test_until_then_it_is_encrypted(two: School, capsys: pytest.CaptureFixture[str]) -> None:
    for stand_in in two.stand_ins.values():
        stand_in.faults["/"] = saying(503)
    await write(two)
    kept, logged = everything(two), "".join(capsys.readouterr())
    for word in _SECRETS:
        assert word.encode() not in kept, word
        assert word not in logged, word
    await encrypt_again(two.bridge.store.database, two.bridge.store.cipher)
    for stand_in in two.stand_ins.values():
        stand_in.faults.clear()
    two.clock.forward(minutes=6)
    for account in await two.bridge.sender.due(but=[]):
        await two.bridge.sender.send(account)
    await two.bridge.publisher.publish_wanted()
    assert "gemeld" in await two.ics("peeters")


async def test_a_number_is_kept_encrypted(two: School) -> None:
    await set_contact(two.bridge.desk, "peeters", "sintjan", ContactNumber("mobile", "private", "0496 10 12 14"))
    assert b"0496 10 12 14" not in everything(two)
