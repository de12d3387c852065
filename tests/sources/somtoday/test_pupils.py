from collections.abc import Callable

import pytest

from bridge.errors import AuthFailed, BadResponse, ChoiceNeeded, ConfigError, Unavailable, UnknownPerson
from bridge.model.event import Part
from bridge.sources.somtoday.standin.server import ANNA, LOTTE, SEM
from bridge.sync.snapshot import Delivered
from bridge.upstream.contract import Account, Source
from bridge.upstream.standin import StandIn
from tests.faults import saying
from tests.sources.somtoday.answers import text
from tests.sources.somtoday.conftest import Fetch, KeptLogin

Make = Callable[..., Source]
REPORTS, OBSERVATIONS = "GET /rest/v1/absentiemeldingen", "GET /rest/v1/waarnemingen"
ACCOUNT = "/rest/v1/account/me"


async def test_a_pupil_needs_no_identity(make: Make, login: KeptLogin) -> None:
    connected = await make().connect(None, Account(), login)
    assert (connected, connected.several) == (Account(str(ANNA.key)), False)


@pytest.mark.parametrize("identity", ["119373", "0119373", " 119373 ", "1409824202", "Sem", "sem"])
async def test_a_parent_names_a_child_by_number_id_or_first_name(make: Make, identity: str) -> None:
    login = KeptLogin("refresh-bakker")
    connected = await make().connect(identity, Account(), login)
    assert (connected, connected.several) == (Account(str(SEM.key)), True)


async def test_a_parent_who_names_no_child_is_given_the_choice(make: Make) -> None:
    with pytest.raises(ChoiceNeeded) as raised:
        await make().connect(None, Account(), KeptLogin("refresh-bakker"))
    assert raised.value.choices == (("119373", "Sem"), ("119374", "Lotte"))
    assert "Sem" not in raised.value.sentence


@pytest.mark.parametrize("identity", ["119371", "Anna", "", "2"])
async def test_somebody_elses_child_is_unknown(make: Make, identity: str) -> None:
    with pytest.raises(UnknownPerson):
        await make().connect(identity, Account(), KeptLogin("refresh-bakker"))


async def test_an_account_needs_a_login(make: Make, stand_in: StandIn) -> None:
    with pytest.raises(ConfigError, match="needs a login"):
        await make().connect(None, Account(), KeptLogin(None))
    assert not stand_in.requests


async def test_an_unknown_refresh_token_is_refused(make: Make) -> None:
    with pytest.raises(AuthFailed):
        await make().connect(None, Account(), KeptLogin("wrong"))


@pytest.mark.parametrize("item", [None, 42, "text", [], {"links": 7}, {"links": [None]}])
async def test_a_pupil_that_cannot_be_read_is_a_bad_answer(make: Make, stand_in: StandIn, item: object) -> None:
    stand_in.faults["/rest/v1/leerlingen"] = saying(200, text(item))
    with pytest.raises(BadResponse, match=r"^Fortes "):
        await make().connect(None, Account(), KeptLogin())


async def test_no_pupils_at_all_is_nobody(make: Make, stand_in: StandIn) -> None:
    stand_in.faults["/rest/v1/leerlingen"] = saying(200, text())
    with pytest.raises(UnknownPerson):
        await make().connect(None, Account(), KeptLogin())


async def test_a_check_needs_no_token_and_says_whether_anybody_is_there(
    make: Make, stand_in: StandIn, address: str
) -> None:
    assert await make().check() == "reachable"
    assert stand_in.requests == {"GET /rest/v1/leerlingen": 1}
    with pytest.raises(Unavailable):
        await make(api_url="http://127.0.0.1:9").check()
    with pytest.raises(BadResponse):
        await make(api_url=f"{address}/nowhere").check()


async def test_each_child_of_a_parent_has_a_timetable_of_its_own(fetch: Fetch, login: KeptLogin) -> None:
    login.secret = "refresh-bakker"
    sem, lotte = [await fetch(Account(str(child.key))) for child in (SEM, LOTTE)]
    for part in (Part.SCHEDULE, Part.ABSENCES):
        one, other = sem[part], lotte[part]
        assert isinstance(one, Delivered)
        assert isinstance(other, Delivered)
        assert one.events
        assert other.events
        assert not {event.identity for event in one.events} & {event.identity for event in other.events}
