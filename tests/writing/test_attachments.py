"""Certificates of an absence."""

import uuid

import pytest

from bridge.errors import Refused
from bridge.sources.informat.files import ENDINGS, LARGEST_FILE
from bridge.sources.informat.standin.server import InformatServer
from bridge.store.outbox import WriteState
from bridge.sync.absences import attach, detach, report_absence
from bridge.upstream.standin import StandIn
from bridge.upstream.writing import Attachment
from tests.conftest import School
from tests.faults import saying
from tests.writing.conftest import ill

_PDF = b"%PDF-1.7\n"
_BEGINNINGS = {
    "bmp": b"BM",
    "jpg": b"\xff\xd8\xff",
    "jpeg": b"\xff\xd8\xff",
    "png": b"\x89PNG\r\n\x1a\n",
    "gif": b"GIF89a",
    "svg": b"<?xml version='1.0'?><svg/>",
    "doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "docx": b"PK\x03\x04",
    "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "xlsx": b"PK\x03\x04",
    "txt": b"Briefje",
    "zip": b"PK\x03\x04",
    "pdf": _PDF,
}


def certificate(name: str = "attest.pdf", content: bytes = _PDF) -> Attachment:
    return Attachment(str(uuid.uuid4()), name, content)


async def test_a_certificate_goes_with_a_report_and_is_taken_away_again(
    school: School, informat: InformatServer
) -> None:
    desk = school.bridge.desk
    file = certificate()
    report, sent = await report_absence(desk, "peeters", "sintjan", ill(), [file])
    absence = report.write.about["id"]
    assert (sent.state, informat.records.files[file.id].content) == (WriteState.DONE, _PDF)
    changed = Attachment(file.id, "foto.PNG", _BEGINNINGS["png"])
    assert (await attach(desk, "peeters", "sintjan", absence, changed)).state is WriteState.DONE
    assert informat.records.files[file.id].name == "foto.PNG"
    assert (await detach(desk, "peeters", "sintjan", absence, file.id)).state is WriteState.DONE
    assert informat.records.files == {}
    again = await detach(desk, "peeters", "sintjan", absence, file.id)
    assert (again.state, again.code) == (WriteState.REFUSED, "BR019")


@pytest.mark.parametrize("ending", ENDINGS)
async def test_a_file_with_the_contents_that_its_ending_says_is_taken(school: School, ending: str) -> None:
    file = certificate(f"attest.{ending}", _BEGINNINGS[ending])
    _, sent = await report_absence(school.bridge.desk, "peeters", "sintjan", ill(), [file])
    assert sent.state is WriteState.DONE


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (certificate(content=_PDF + b"x" * (LARGEST_FILE - len(_PDF) + 1)), "BR017B"),
        (certificate(content=b""), "BR017A"),
        (certificate("attest.exe"), "BR016C"),
        (certificate("attest"), "BR016C"),
        (certificate(content=b"MZ\x90\0%PDF-1.7"), "BR016C"),
        (certificate("notes.txt", b"MZ program"), "BR016C"),
        (certificate("x" * 196 + ".pdf"), "BR016B"),
        (certificate(" "), "BR016A"),
        (Attachment("1", "attest.pdf", _PDF), "BR015"),
    ],
)
async def test_a_file_that_would_be_refused_is_neither_kept_nor_sent(
    school: School, informat: InformatServer, file: Attachment, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        await report_absence(school.bridge.desk, "peeters", "sintjan", ill(), [file])
    assert refused.value.code == code
    assert informat.records.written == {}


async def test_the_largest_file_is_taken_and_forgotten(school: School, informat: InformatServer) -> None:
    file = certificate(content=_PDF.ljust(LARGEST_FILE, b"x"))
    _, sent = await report_absence(school.bridge.desk, "peeters", "sintjan", ill(), [file])
    assert sent.state is WriteState.DONE
    assert len(informat.records.files[file.id].content) == LARGEST_FILE


async def test_a_file_waits_behind_its_report(school: School, stand_in: StandIn, informat: InformatServer) -> None:
    desk = school.bridge.desk
    put = "PUT /employees/{personId}/interruptions/{id}"
    stand_in.faults[put] = saying(503)
    report, sent = await report_absence(desk, "peeters", "sintjan", ill(), [certificate()])
    assert (report.state, sent.state) == (WriteState.SENT, WriteState.WAITING)
    del stand_in.faults[put]
    school.clock.forward(minutes=1)
    await desk.send(await desk.asker("peeters", "sintjan"))
    assert len(informat.records.files) == 1
