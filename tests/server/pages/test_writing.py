"""Reporting to be ill, choosing groups and checking in, on a person's page."""

import html
import re
from collections.abc import AsyncIterator

import pytest

from bridge.model.event import Kind
from bridge.sources.informat.standin.server import InformatServer, make_server, stand_in_of
from bridge.upstream.discovery import discover
from bridge.upstream.standin import StandIn
from tests.conftest import SettableClock
from tests.faults import saying
from tests.server.pages.conftest import OpenPage, Person

ILL = "/ill/sintjan"


@pytest.fixture
def informat(clock: SettableClock) -> InformatServer:
    return make_server(clock)


@pytest.fixture
async def peeters(open_page: OpenPage, informat: InformatServer) -> AsyncIterator[Person]:
    """The page of an employee, with a calendar."""
    async with open_page("peeters", "Els", beside={"sintjan": stand_in_of(informat)}) as person:
        await person.site.school.add("peeters", "sintjan")
        await person.site.school.refresh()
        await person.site.school.feed("peeters")
        yield person


def key_of(person: Person) -> str:
    found = re.search(r'name="key" value="([^"]+)"', person.page)
    assert found is not None
    return found[1]


async def test_three_taps_report_that_one_is_ill_today(peeters: Person, informat: InformatServer) -> None:
    assert f"/m/{peeters.token}{ILL}" in await peeters.open()
    page = await peeters.open(ILL)
    assert "This goes to <bdi>Sint-Jan</bdi>, in your name" in page
    assert "it can no longer be withdrawn here" in page
    key = key_of(peeters)
    for _ in range(2):  # a button that is pressed twice
        await peeters.send(ILL, until="today", first="2026-11-22", last="2026-11-23", key=key, do="report")
        assert (peeters.status, peeters.at) == (200, f"/m/{peeters.token}{ILL}")
        assert "The school has taken it." in peeters.page
    [record] = informat.records.written.values()
    assert (record.body["begindatum"], record.body["einddatum"]) == ("2026-11-22", "2026-11-22")
    # Without "(gemeld)" where the service has read the school already.
    assert "SUMMARY:Afwezig" in await peeters.site.school.ics("peeters")
    deeds = await peeters.site.school.bridge.store.audit.some()
    assert [deed.action for deed in deeds if deed.actor is not None] == ["absence report", "absence report"]


async def test_a_photo_goes_with_it_and_later_too_and_it_is_withdrawn(
    peeters: Person, informat: InformatServer
) -> None:
    photo = b"\xff\xd8\xff" + b"x" * (2 * 1024 * 1024)
    await peeters.open(ILL)
    fields = {"until": "other", "first": "2026-11-24", "last": "2026-11-25", "remark": "Koorts", "do": "report"}
    await peeters.upload(ILL, photo, "image.jpg", key=key_of(peeters), **fields)
    [absence] = informat.records.written
    [file] = informat.records.files.values()
    assert file.content == photo
    assert "image.jpg" in peeters.page
    await peeters.upload(ILL, b"%PDF-1.7", "attest.pdf", id=absence, do="attach")
    assert len(informat.records.files) == 2
    await peeters.send(ILL, id=absence, do="withdraw")
    assert "Withdrawn." in peeters.page
    assert informat.records.written == {}


async def test_a_certificate_without_a_file_is_asked_for_and_not_called_sent(
    peeters: Person, informat: InformatServer
) -> None:
    await peeters.send(ILL, until="other", first="2026-11-24", last="2026-11-25", do="report")
    [absence] = informat.records.written
    await peeters.upload(ILL, b"", "", id=absence, do="attach")
    assert (peeters.status, informat.records.files) == (422, {})
    assert "Choose a photo or a file first." in peeters.page
    assert "Withdraw the report" in peeters.page


async def test_a_report_is_corrected(peeters: Person, informat: InformatServer) -> None:
    fields = {"until": "other", "first": "2026-11-24", "last": "2026-11-25", "do": "report"}
    await peeters.send(ILL, **fields)
    [absence] = informat.records.written
    page = await peeters.open(ILL)
    link = html.unescape(re.findall(rf'href="/m/[^/]+({ILL}[^"]+)"[^>]*>Correct it', page)[0])
    page = await peeters.open(link)
    assert 'value="2026-11-25"' in page
    assert "Send the correction" in page
    await peeters.press(first="2026-11-24", last="2026-11-23", until="other", corrects=absence, do="report")
    assert "(BR008B)" in peeters.page
    assert f'name="corrects" value="{absence}"' in peeters.page
    await peeters.press(first="2026-11-24", last="2026-11-27", until="other", corrects=absence, do="report")
    assert "The school has taken it." in peeters.page
    [record] = informat.records.written.values()
    assert record.body["einddatum"] == "2026-11-27"
    assert peeters.page.count("Correct it") == 1
    await peeters.open(f"{ILL}?correct=another")
    assert peeters.status == 404
    await peeters.send(ILL, **fields, corrects="95478d1c-2e96-53d0-b350-ce8fc272e868")
    assert (peeters.status, len(informat.records.written)) == (404, 1)


async def test_a_report_stands_though_the_school_refuses_its_correction(
    peeters: Person, informat: InformatServer
) -> None:
    fields = {"until": "other", "first": "2026-11-24", "do": "report"}
    await peeters.send(ILL, **fields, last="2026-11-25")
    [absence] = informat.records.written
    informat.writable = False
    await peeters.send(ILL, **fields, last="2026-11-27", corrects=absence)
    assert "Your correction:" in peeters.page
    assert "The school does not let Roosterbridge write." in peeters.page
    page = await peeters.open(f"{ILL}?correct={absence}")
    assert 'value="2026-11-25"' in page
    informat.writable = True
    await peeters.send(ILL, **fields, last="2026-11-26", corrects=absence)
    assert "Your correction:" not in peeters.page
    [record] = informat.records.written.values()
    assert record.body["einddatum"] == "2026-11-26"
    informat.writable = False
    await peeters.send(ILL, **fields, last="2026-11-27", corrects=absence)
    informat.writable = True
    await peeters.send(ILL, id=absence, do="withdraw")
    assert informat.records.written == {}
    assert "Correct it" not in peeters.page


async def test_a_correction_of_what_was_withdrawn_meanwhile_keeps_what_was_typed(
    peeters: Person, informat: InformatServer
) -> None:
    fields = {"until": "other", "first": "2026-11-24", "last": "2026-11-25", "do": "report"}
    await peeters.send(ILL, **fields)
    [absence] = informat.records.written
    await peeters.send(ILL, id=absence, do="withdraw")
    await peeters.send(ILL, **fields, remark="Griep", corrects=absence)
    assert peeters.status == 422
    assert "This report can no longer be corrected." in peeters.page
    assert 'value="Griep"' in peeters.page
    assert 'name="corrects"' not in peeters.page
    assert informat.records.written == {}
    await peeters.open(f"{ILL}?correct={absence}")
    assert "This report can no longer be corrected." in peeters.page


async def test_what_is_refused_is_said_in_the_language_of_the_person(peeters: Person, informat: InformatServer) -> None:
    await peeters.open(ILL)
    fields = {"until": "other", "first": "2026-11-25", "last": "2026-11-24", "remark": "Koorts <3", "do": "report"}
    await peeters.send(ILL, **fields)
    assert "The last day is before the first one. (BR008B)" in peeters.page
    assert "Koorts &lt;3" in peeters.page
    await peeters.upload(ILL, b"MZ program", "attest.pdf", until="today", do="report")
    assert "(BR016C)" in peeters.page
    await peeters.send(ILL, until="other", first="", last="", do="report")
    assert "Choose a day." in peeters.page
    assert informat.records.written == {}
    await peeters.send(ILL, until="today", do="report")
    informat.records.verify()
    [absence] = informat.records.written
    peeters.client.headers["Accept-Language"] = "nl"
    await peeters.send(ILL, id=absence, do="withdraw")
    assert "Het secretariaat heeft de afwezigheid al nagekeken" in peeters.page
    assert "(MNA009)" in peeters.page
    informat.writable = False
    await peeters.send(ILL, until="tomorrow", do="report")
    assert "De school laat Roosterbridge niet schrijven" in peeters.page


async def test_a_report_waits_while_the_school_is_away(peeters: Person) -> None:
    stand_in = peeters.site.school.stand_ins["sintjan"]
    stand_in.faults["PUT /employees/{personId}/interruptions/{id}"] = saying(503)
    await peeters.send(ILL, until="today", do="report")
    assert "Sent; the school has not answered yet." in peeters.page


async def test_other_people_and_other_schools_have_no_such_page(peeters: Person) -> None:
    for path in ("/ill/club", "/ill/nowhere", "/groups/sintjan", "/checkin/sintjan"):
        await peeters.open(path)
        assert peeters.status == 404
    await peeters.send(ILL, token="of somebody else", until="today", do="report")
    assert peeters.status == 403


def of(source: str, clock: SettableClock) -> StandIn:
    return discover()[source].stand_in(clock)


async def test_a_group_is_chosen_and_shows_at_once(open_page: OpenPage, clock: SettableClock) -> None:
    async with open_page("noor", "Noor", beside={"uva": of("mytimetable", clock)}) as noor:
        await noor.site.school.add("noor", "uva")
        page = await noor.open("/groups/uva")
        assert "sent to <bdi>Universiteit</bdi>, in your name" in page
        forms = [form for form in page.split("<form")[1:] if form.count('name="option"') > 1]
        key = re.search(r'name="key" value="([^"]+)"', forms[0])
        options = re.findall(r'name="option" value="([^"]+)" checked', forms[0])
        assert key is not None
        await noor.send("/groups/uva", ("option", options[0]), key=key[1], do="choose")
        assert "The school has taken it." in noor.page
        assert f'value="{options[0]}" checked' in noor.page
        assert f'value="{options[1]}" checked' not in noor.page
        await noor.send("/groups/uva", key=key[1], do="remove")
        assert f'value="{key[1]}"' not in noor.page
        await noor.open("/groups/uva?word=xyzzy")
        assert "Nothing was found." in noor.page


async def test_each_of_several_people_writes_in_their_own_name(
    open_page: OpenPage, clock: SettableClock, informat: InformatServer
) -> None:
    beside = {"uva": of("mytimetable", clock), "sintjan": stand_in_of(informat), "hbo": of("checkin", clock)}
    async with open_page("ouder", "Ouder", beside=beside) as parent:
        school = parent.site.school
        for person, source in (("noor", "uva"), ("peeters", "sintjan"), ("joost", "hbo")):
            await school.add(person, source, user="ouder", account="Kim & Co")
        page = await parent.open()
        for path in ("/groups/uva", "/ill/sintjan", "/checkin/hbo"):
            assert f'href="/m/{parent.token}{path}?as=Kim%20%26%20Co"' in page
            assert "in the name of <bdi>Kim &amp; Co</bdi>" in await parent.open(f"{path}?as=Kim+%26+Co")
            assert 'action="' + f"/m/{parent.token}{path}?as=Kim+%26+Co" in parent.page
            await parent.open(path)
            assert parent.status == 404
        await parent.send("/ill/sintjan?as=Kim+%26+Co", until="today", do="report")
        assert "The school has taken it." in parent.page
        assert len(informat.records.written) == 1
        await parent.send("/checkin/hbo?as=Kim+%26+Co", hours="4", do="send")
        assert "The school has taken it." in parent.page
        page = await parent.open("/groups/uva?as=Kim+%26+Co&word=data")
        assert '<input type="hidden" name="as" value="Kim &amp; Co">' in page
        key = re.search(r'name="key" value="([^"]+)"', page)
        assert key is not None
        await parent.send("/groups/uva?as=Kim+%26+Co", key=key[1], do="remove")
        assert "The school has taken it." in parent.page
        deeds = [one.thing for one in await school.bridge.store.audit.some() if one.actor is not None]
        assert deeds == ["sintjan/Kim & Co", "hbo/Kim & Co", "uva/Kim & Co"]


async def test_a_photo_of_the_camera_and_a_file_go_with_a_report(peeters: Person, informat: InformatServer) -> None:
    page = await peeters.open(ILL)
    assert 'name="photo" type="file" accept="image/*" capture="environment"' in page
    await peeters.upload(ILL, b"\xff\xd8\xff", "image.jpg", field="photo", until="today", do="report")
    assert "image.jpg" in peeters.page
    [absence] = informat.records.written
    await peeters.upload(ILL, b"%PDF-1.7", "attest.pdf", id=absence, do="attach")
    assert len(informat.records.files) == 2


async def test_a_student_checks_in_and_withdraws_it(open_page: OpenPage, clock: SettableClock) -> None:
    async with open_page("joost", "Joost", beside={"checkin": of("checkin", clock)}) as joost:
        await joost.site.school.add("joost", "checkin")
        await joost.site.school.feed("joost", kinds=[Kind.CHECKIN])
        assert "in your name" in await joost.open("/checkin/checkin")
        await joost.send("/checkin/checkin", hours="many", do="send")
        assert joost.status == 422
        assert "Hours and mood are numbers." in joost.page
        await joost.send("/checkin/checkin", hours="30", do="send")
        assert "from 0 to 24" in joost.page
        await joost.send("/checkin/checkin", hours="7,5", mood="8", comment="Fietsen", do="send")
        assert "The school has taken it." in joost.page
        assert "Fietsen" not in joost.page
        await joost.send("/checkin/checkin", do="withdraw")
        assert "Withdrawn." in joost.page
