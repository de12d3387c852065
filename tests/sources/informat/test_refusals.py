"""Every code of the document, provoked at the stand-in, and its sentences."""

import base64
import re
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bridge.calendar.words import LANGUAGES
from bridge.errors import Refused
from bridge.sources.informat.client import InformatClient
from bridge.sources.informat.refusals import CODES, explain
from bridge.sources.informat.standin.institute import EL_AMRANI, GOOSSENS, MAES, PEETERS
from bridge.sources.informat.standin.server import INSTITUTE, InformatServer

KEY, OTHER, FILE = (str(uuid.uuid5(uuid.NAMESPACE_OID, word)) for word in ("absence", "other", "file"))
_REPORT = {
    "Instelnr": INSTITUTE,
    "Schooljaar": "2026-27",
    "Hfd": "311",
    "Code": "1",
    "Begindatum": "2026-12-01",
    "Einddatum": "2026-12-02",
    "Afzender": "Tests",
}
_FILE = {"Filename": "attest.pdf", "File": base64.b64encode(b"%PDF").decode()}
_NUMBER = {"soort": 3, "type": 8, "nummer": "0496 10 12 14", "id": None}


class Writer:
    """What a client writes, each time with one thing wrong."""

    def __init__(self, client: InformatClient, server: InformatServer) -> None:
        self._client = client
        self.server = server

    async def report(self, person: str = PEETERS.key, key: str = KEY, **changes: Any) -> None:
        body = {name: value for name, value in (_REPORT | changes).items() if value is not None}
        await self._client.put(f"employees/{person}/interruptions/{key}", body)

    async def withdraw(self, key: str = KEY) -> None:
        await self._client.delete(f"employees/interruptions/{key}")

    async def attach(self, key: str = KEY, file: str = FILE, **changes: Any) -> None:
        body = {name: value for name, value in (_FILE | changes).items() if value is not None}
        await self._client.put(f"employees/interruptions/{key}/attachments/{file}", body)

    async def detach(self, key: str = KEY, file: str = FILE) -> None:
        await self._client.delete(f"employees/interruptions/{key}/attachments/{file}")

    async def number(self, person: str = PEETERS.key, **changes: Any) -> None:
        await self._client.put(f"employees/{person}/communication-number", _NUMBER | changes)

    async def remove_number(self, person: str = PEETERS.key, key: str = KEY) -> None:
        await self._client.delete(f"employees/{person}/communication-number/{key}")

    async def reported(self, **became: bool) -> None:
        """Report, and let something become of it at the school."""
        await self.report()
        for name, value in became.items():
            setattr(self.server.records.written[KEY], name, value)


async def _again(writer: Writer, became: dict[str, bool], **changes: Any) -> None:
    await writer.reported(**became)
    await writer.report(**changes)


async def _withdraw(writer: Writer, **became: bool) -> None:
    await writer.reported(**became)
    await writer.withdraw()


async def _overlap(writer: Writer) -> None:
    await writer.report()
    await writer.report(key=OTHER, Begindatum="2026-12-10", Einddatum="2026-12-11")
    await writer.report(key=OTHER, Begindatum="2026-12-02", Einddatum="2026-12-11")


async def _overlapping(writer: Writer) -> None:
    await writer.report()
    await writer.report(key=OTHER)


async def _others_file(writer: Writer) -> None:
    await writer.report()
    await writer.attach()
    await writer.report(MAES.key, OTHER, Begindatum="2026-12-10", Einddatum="2026-12-11")
    await writer.attach(OTHER)


async def _file(writer: Writer, **changes: Any) -> None:
    await writer.report()
    await writer.attach(**changes)


async def _numbers(writer: Writer, **changes: Any) -> None:
    await writer.number()
    await writer.number(**changes)


async def _of_the_school(writer: Writer) -> None:
    theirs = next(one for one in writer.server.institute.interruptions if EL_AMRANI.key in one["personId"])
    await writer.withdraw(theirs["doId"])


PROVOKED: dict[str, Callable[[Writer], Awaitable[None]]] = {
    "BR001": lambda writer: writer.report("12"),
    "BR002": lambda writer: writer.report(key="12"),
    "BR003A": lambda writer: writer.report(Instelnr=None),
    "BR004A": lambda writer: writer.report(Schooljaar=None),
    "BR004B": lambda writer: writer.report(Schooljaar="2026-28"),
    "BR005A": lambda writer: writer.report(Hfd=None),
    "BR005B": lambda writer: writer.report(Hfd="31"),
    "BR006A": lambda writer: writer.report(Code=None),
    "BR006B": lambda writer: writer.report(Code="2"),
    "BR007A": lambda writer: writer.report(Begindatum=None),
    "BR008A": lambda writer: writer.report(Einddatum=None),
    "BR008B": lambda writer: writer.report(Einddatum="2026-11-30"),
    "BR009": lambda writer: writer.report(Opmerking="x" * 501),
    "BR010": lambda writer: writer.report(NaamGeneesheer="x" * 76),
    "BR011": lambda writer: writer.report(TelefoonGeneesheer="1" * 21),
    "BR012A": lambda writer: writer.report(Afzender=None),
    "BR012B": lambda writer: writer.report(Afzender="x" * 51),
    "BR013": lambda writer: writer.report(Hfd="411"),
    "BR014": lambda writer: writer.report(OTHER),
    "BR015": lambda writer: _file(writer, file="12"),
    "BR016A": lambda writer: _file(writer, Filename=None),
    "BR016B": lambda writer: _file(writer, Filename="x" * 97 + ".pdf"),
    "BR016C": lambda writer: _file(writer, Filename="attest.exe"),
    "BR017A": lambda writer: _file(writer, File=None),
    "BR017B": lambda writer: _file(writer, File=base64.b64encode(b"x" * (10 * 1024 * 1024 + 1)).decode()),
    "BR018": lambda writer: writer.withdraw(),
    "BR019": lambda writer: writer.detach(),
    "BR020": lambda writer: writer.number(soort=2),
    "BR021": lambda writer: writer.number(type=3),
    "BR022": lambda writer: writer.number(nummer=""),
    "BR023": lambda writer: writer.number(nummer="my neighbour"),
    "BR024": lambda writer: writer.number(GOOSSENS.key),
    "BR025": lambda writer: _numbers(writer, nummer="0496 10 12 15"),
    "BR026": _numbers,
    "BR027": lambda writer: writer.remove_number(key="12"),
    "BR028": lambda writer: writer.remove_number(),
    "MNA001": lambda writer: _again(writer, {}, Begindatum="2027-12-01", Einddatum="2027-12-02", Schooljaar="2027-28"),
    "MNA002": lambda writer: _again(writer, {}, person=MAES.key),
    "MNA003": lambda writer: _again(writer, {"sent": True}, Einddatum="2026-12-03"),
    "MNA004": lambda writer: _again(writer, {"replaced": True}, Einddatum="2026-12-03"),
    "MNA005": _overlapping,
    "MNA006": _overlap,
    "MNA007": _others_file,
    "MNA008": _of_the_school,
    "MNA009": lambda writer: _withdraw(writer, verified=True),
    "MNA010": lambda writer: _withdraw(writer, sent=True),
    "MNA011": lambda writer: _withdraw(writer, replaced=True),
}


@pytest.mark.parametrize("code", CODES)
async def test_each_code_is_provoked_and_has_a_sentence_in_each_language(
    client: Callable[..., InformatClient], standin: InformatServer, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        await PROVOKED[code](Writer(client(), standin))
    assert refused.value.code == code
    assert "a name may stand" not in refused.value.sentence
    sentences = {explain(code, language) for language in LANGUAGES}
    assert len(sentences) == len(LANGUAGES)
    assert all(sentence and re.search(r"[.]$", sentence) for sentence in sentences)


def test_the_sentences_are_of_the_codes_of_the_document() -> None:
    assert list(PROVOKED) == list(CODES)
