"""Reporting sick, by the API."""

import base64
import json
import uuid

from bridge.sources.informat.standin.server import InformatServer, make_server, stand_in_of
from bridge.upstream.standin import StandIn
from tests.conftest import SettableClock
from tests.server.api.conftest import Api, OpenApi


def school(clock: SettableClock) -> tuple[InformatServer, dict[str, StandIn]]:
    server = make_server(clock)
    return server, {"sintjan": stand_in_of(server)}


async def add_peeters(api: Api) -> str:
    await api.done("POST", "/users", {"name": "els"})
    sample = next(one for one in api.site.school.stand_ins["sintjan"].people if one.user == "peeters")
    await api.done("POST", "/users/els/accounts", {"source": "sintjan", "identity": sample.identity})
    return "/users/els/absences/sintjan"


async def test_an_absence_is_reported_with_a_certificate_corrected_and_withdrawn(
    open_api: OpenApi, clock: SettableClock
) -> None:
    server, stand_ins = school(clock)
    async with open_api(stand_ins) as api:
        path = await add_peeters(api)
        file = {"filename": "attest.pdf", "file": base64.b64encode(b"%PDF-1.7" + b"x" * 2**21).decode()}
        body = {"from": "2026-11-23", "to": "2026-11-24", "remark": "Koorts", "attachments": [file]}
        answer = await api.ask("POST", path, json.dumps(body).encode(), Content_Type="application/json")
        assert answer.status == 201
        report = answer.value
        assert report == {"id": report["id"], "from": "2026-11-23", "to": "2026-11-24", "state": "done"}
        assert len(server.records.files) == 1
        await api.done("POST", path, body | {"to": "2026-11-26", "id": report["id"], "attachments": []})
        assert server.records.written[report["id"]].body["einddatum"] == "2026-11-26"

        key = str(uuid.uuid4())
        photo = {"filename": "foto.txt", "file": base64.b64encode(b"Briefje").decode()}
        sent = await api.done("PUT", f"{path}/{report['id']}/attachments/{key}", photo)
        assert sent == {"id": key, "absence": report["id"], "state": "done"}
        await api.done("DELETE", f"{path}/{report['id']}/attachments/{key}")
        refused = await api.ask("DELETE", f"{path}/{report['id']}/attachments/{key}")
        assert (refused.status, refused.value["code"]) == (422, "BR019")

        listed = await api.get(path)
        assert report["id"] in {one["id"] for one in listed}
        assert await api.done("DELETE", f"{path}/{report['id']}") == {"id": report["id"], "state": "done"}
        assert server.records.written == {}
        assert server.records.files == {}
        assert (await api.ask("DELETE", f"{path}/{uuid.uuid4()}")).status == 404


async def test_what_is_refused_is_a_problem_with_its_code(open_api: OpenApi, clock: SettableClock) -> None:
    server, stand_ins = school(clock)
    async with open_api(stand_ins) as api:
        path = await add_peeters(api)
        body = {"from": "2026-11-24", "to": "2026-11-23"}
        beforehand = await api.ask("POST", path, body)
        assert (beforehand.status, beforehand.value["code"]) == (422, "BR008B")
        await api.done("POST", path, {"from": "2026-11-23", "to": "2026-11-23"})
        twice = await api.ask("POST", path, {"from": "2026-11-23", "to": "2026-11-23"})
        assert (twice.status, twice.value["code"]) == (422, "MNA005")
        assert len(server.records.written) == 1
        server.writable = False
        forbidden = await api.ask("POST", path, {"from": "2026-12-01", "to": "2026-12-01"})
        assert (forbidden.status, forbidden.value["code"]) == (422, "403")
        assert "right to write" in forbidden.value["detail"]
        assert (await api.ask("POST", "/users/els/absences/nowhere", body)).status == 404


async def test_a_number_is_set_and_removed(open_api: OpenApi, clock: SettableClock) -> None:
    _, stand_ins = school(clock)
    async with open_api(stand_ins) as api:
        await add_peeters(api)
        path = "/users/els/contacts/sintjan"
        contact = await api.done("POST", path, {"kind": "mobile", "type": "private", "number": "0496 10 12 14"})
        assert contact == {"id": contact["id"], "kind": "mobile", "type": "private", "number": "0496 10 12 14"}
        assert await api.done("DELETE", f"{path}/{contact['id']}") == {"id": contact["id"], "state": "done"}


async def test_of_several_accounts_at_a_school_one_is_named(open_api: OpenApi, clock: SettableClock) -> None:
    server, stand_ins = school(clock)
    async with open_api(stand_ins) as api:
        path = await add_peeters(api)
        other = next(one for one in stand_ins["sintjan"].people if one.user == "claes")
        account = {"source": "sintjan", "identity": other.identity, "name": "lotte"}
        await api.done("POST", "/users/els/accounts", account)
        day = {"from": "2026-12-07", "to": "2026-12-07"}
        await api.done("POST", f"{path}?as=lotte", day)
        await api.done("POST", path, day)
        assert len({record.person for record in server.records.written.values()}) == 2
        assert (await api.ask("POST", f"{path}?as=nobody", day)).status == 404
