"""The numbers under which a school reaches somebody."""

import pytest

from bridge.errors import Refused
from bridge.sources.informat.standin.institute import PEETERS
from bridge.sources.informat.standin.server import InformatServer
from bridge.store.outbox import WriteState
from bridge.sync.contacts import contact_value, remove_contact, set_contact
from bridge.sync.desk import CannotWrite
from bridge.upstream.writing import ContactNumber
from tests.conftest import School


async def test_a_number_is_set_changed_and_removed(school: School, informat: InformatServer) -> None:
    desk = school.bridge.desk
    kept = informat.numbers.kept
    first = await set_contact(desk, "peeters", "sintjan", ContactNumber("mobile", "private", "0496 10 12 14"))
    value = contact_value(first)
    assert value == {"id": value["id"], "kind": "mobile", "type": "private", "number": "0496 10 12 14"}
    assert kept[PEETERS.key] == {value["id"]: (3, 8, "0496 10 12 14")}
    for number in ("0496 10 12 14", "0496 10 12 15"):  # the same again, and another one of the kind and type
        again = await set_contact(desk, "peeters", "sintjan", ContactNumber("mobile", "private", number))
        assert (again.state, contact_value(again)["id"]) == (WriteState.DONE, value["id"])
    assert kept[PEETERS.key] == {value["id"]: (3, 8, "0496 10 12 15")}
    assert value["id"] is not None
    assert (await remove_contact(desk, "peeters", "sintjan", value["id"])).state is WriteState.DONE
    gone = await remove_contact(desk, "peeters", "sintjan", value["id"])
    assert (gone.state, gone.code) == (WriteState.REFUSED, "BR028")


@pytest.mark.parametrize(
    ("contact", "code"),
    [
        (ContactNumber("fax", "work", "025 55 52 52"), "BR020"),
        (ContactNumber("phone", "holiday", "025 55 52 52"), "BR021"),
        (ContactNumber("phone", "work", " "), "BR022"),
        (ContactNumber("phone", "work", "ask my neighbour"), "BR023"),
    ],
)
async def test_a_number_that_would_be_refused_is_not_sent(school: School, contact: ContactNumber, code: str) -> None:
    with pytest.raises(Refused) as refused:
        await set_contact(school.bridge.desk, "peeters", "sintjan", contact)
    assert refused.value.code == code


async def test_a_source_that_takes_no_numbers_says_so(school: School) -> None:
    await school.bridge.store.users.add("anna", "Anna", school.clock())
    with pytest.raises(Exception, match="no account at sintjan"):
        await set_contact(school.bridge.desk, "anna", "sintjan", ContactNumber("phone", "work", "025 55 52 52"))
    assert CannotWrite("It takes none.").sentence == "It takes none."
