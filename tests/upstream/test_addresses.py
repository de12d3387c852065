"""Addresses that upstreams name, and which of them are asked."""

import pytest
from yarl import URL

from bridge.errors import BadResponse, Unavailable
from bridge.upstream.addresses import Addresses, PublicResolver
from bridge.upstream.http import HttpClient
from bridge.upstream.retry import RetryPolicy
from bridge.upstream.session import new_session

SETTINGS = Addresses(["https://api.school.example/base", "http://127.0.0.1:8001"])


@pytest.mark.parametrize(
    "address",
    ["https://api.school.example/x", "https://api.school.example:8443/x", "http://127.0.0.1:8001/elsewhere"],
)
def test_hosts_of_the_settings_may_get_credentials(address: str) -> None:
    assert SETTINGS.written(URL(address))


@pytest.mark.parametrize(
    "address",
    [
        "http://api.school.example/x",
        "https://evil.example/x",
        "https://api.school.example.evil.example/x",
        "http://127.0.0.1:8002/x",
        "http://127.0.0.1/x",
        "ftp://api.school.example/x",
        "/relative",
    ],
)
def test_others_may_not_and_https_is_never_given_up(address: str) -> None:
    assert not SETTINGS.written(URL(address))


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "10.0.0.7", "192.168.1.1", "169.254.169.254", "[::1]", "[fe80::1]", "[::ffff:10.0.0.1]"),
        *("224.0.0.1", "127.1", "2130706433", "127.0.0.1.", "[::127.0.0.1]", "[fec0::1]", "[ff0e::1]"),
        *("[2002:a00:1::]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::1]", "[::ffff:0:10.0.0.1]"),
    ],
)
def test_private_link_local_and_loopback_addresses_are_not_asked(host: str) -> None:
    assert not SETTINGS.askable(URL(f"https://{host}/calendar.ics"))


def test_public_https_is_asked_and_public_http_is_not() -> None:
    assert SETTINGS.askable(URL("https://calendars.example/x.ics"))
    for host in ("93.184.216.34", "[2a00:1450:400e::1]", "[64:ff9b::93.184.216.34]"):
        assert SETTINGS.askable(URL(f"https://{host}/x.ics"))
    assert not SETTINGS.askable(URL("http://calendars.example/x.ics"))


async def test_a_name_that_leads_to_a_private_address_is_not_asked_unless_the_operator_wrote_it() -> None:
    with pytest.raises(OSError, match="no public address"):
        await PublicResolver([]).resolve("localhost", 443)
    assert await PublicResolver(["localhost"]).resolve("localhost", 443)
    async with new_session() as session:
        http = HttpClient(session, origin="Fortes", retry=RetryPolicy(attempts=1), addresses=SETTINGS)
        with pytest.raises(Unavailable, match="localhost"):
            await http.get(URL("https://localhost:1/calendar.ics"))


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("http://127.0.0.1:1/x", {}),
        ("https://evil.example/x", {"Authorization": "Bearer secret"}),
        ("https://evil.example/x", {"apiToken": "secret"}),
    ],
)
async def test_what_must_not_be_asked_is_refused_with_a_sentence(address: str, headers: dict[str, str]) -> None:
    async with new_session() as session:
        http = HttpClient(session, origin="Fortes", addresses=SETTINGS)
        with pytest.raises(BadResponse, match=r"Fortes names an address that is not in its settings"):
            await http.get(URL(address), headers=headers)
        with pytest.raises(BadResponse):
            await http.post_form(URL("https://evil.example/token"), "refresh_token=secret")
