"""The files that run several servers fit the program."""

import os
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from sqlalchemy import make_url
from yarl import URL

from bridge.model.clock import now_utc
from bridge.service import GRACE
from bridge.settings.load import load_settings
from bridge.settings.schema import Settings, SourceSettings
from tests.club.server import Member, new_club
from tests.club.source import ENVIRONMENT
from tests.conftest import KEY, POSTGRES, slow
from tests.front import Front
from tests.program import Program, until
from tests.proxy import Proxy

ROOT = Path(__file__).parents[1]
SECRETS = {
    "bridge_storage__url": "postgresql://roosterbridge@postgres/roosterbridge",
    "bridge_security__secret_key": KEY,
}


@pytest.fixture
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    return read


def loaded(folder: Path, variables: dict[str, str]) -> Settings:
    """The settings that a server has with these variables and the secrets."""
    for name, value in SECRETS.items():
        (folder / name).write_text(value, "utf-8")
    return load_settings(None, {}, {**variables, "BRIDGE_SECRETS_DIR": str(folder)})


def expect_settings(settings: Settings) -> None:
    assert settings.warnings == ()
    assert settings.storage.url == SECRETS["bridge_storage__url"]
    assert settings.security.secret_key is not None
    assert settings.security.secret_key.get_secret_value() == KEY
    assert settings.server.public_url == "https://calendars.school.example"
    assert settings.server.trusted_proxies


def test_each_service_is_started_again_and_looked_after(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"server1", "server2", "postgres", "proxy"}
    for service in compose["services"].values():
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"][0] == "CMD"
    for name, kind in (("secrets", "secrets"), ("configs", "configs")):
        used = {
            entry if isinstance(entry, str) else entry["source"]
            for service in compose["services"].values()
            for entry in service.get(name, [])
        }
        assert used == set(compose[kind])
    named = {volume.partition(":")[0] for service in compose["services"].values() for volume in service["volumes"]}
    assert named == set(compose["volumes"])


def test_the_servers_of_compose_are_alike_and_have_valid_settings(compose: dict[str, Any], tmp_path: Path) -> None:
    one, other = (compose["services"][name] for name in ("server1", "server2"))
    assert {**one, "volumes": None} == {**other, "volumes": None}
    assert {secret["target"] for secret in one["secrets"]} == set(SECRETS)
    variables = {name: value.partition("${")[0] for name, value in one["environment"].items()}
    variables["BRIDGE_SERVER__PUBLIC_URL"] += "calendars.school.example"
    expect_settings(loaded(tmp_path, variables))
    assert_long_enough(int(one["stop_grace_period"].removesuffix("s")))
    caddy = compose["configs"]["caddyfile"]["content"]
    assert "reverse_proxy server1:8080 server2:8080" in caddy
    assert "health_uri /healthz" in caddy


def assert_long_enough(grace: int) -> None:
    """What waits for the end of a server waits as long as that says that it needs."""
    assert grace > (GRACE + SourceSettings.model_fields["timeout"].default).total_seconds()


def test_the_example_for_kubernetes_has_probes_and_valid_settings(tmp_path: Path) -> None:
    found = {one["kind"]: one for one in yaml.safe_load_all((ROOT / "docs" / "kubernetes.yaml").read_text("utf-8"))}
    assert set(found) == {"Job", "Deployment", "Service"}
    pod = found["Deployment"]["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    assert {container[probe]["httpGet"]["path"] for probe in ("startupProbe", "readinessProbe", "livenessProbe")} == {
        "/healthz"
    }
    assert found["Service"]["spec"]["selector"] == pod["metadata"]["labels"]
    assert_long_enough(pod["spec"]["terminationGracePeriodSeconds"])
    expect_settings(loaded(tmp_path, {variable["name"]: variable["value"] for variable in container["env"]}))


class Composed:
    """The servers of compose.yaml as processes of this machine, with their variables and secrets."""

    def __init__(self, folder: Path, compose: dict[str, Any], storage_url: str) -> None:
        self._folder = folder
        self._compose = compose
        self._secrets = folder / "secrets"
        self._secrets.mkdir()
        for name, value in {**SECRETS, "bridge_storage__url": storage_url}.items():
            (self._secrets / name).write_text(value, "utf-8")

    def program(self, name: str) -> Program:
        """What runs in a container. It has a port of its own, since the machine is shared."""
        variables = {
            key: value.replace("${DOMAIN:?the host name of the calendars}", "calendars.school.example")
            for key, value in self._compose["services"][name]["environment"].items()
        }
        folder = self._folder / name
        folder.mkdir()
        own = {"BRIDGE_SERVER__PORT": "0", "BRIDGE_SECRETS_DIR": str(self._secrets)}
        return Program(folder, environment={**ENVIRONMENT, **variables, **own})


@slow("the servers of compose.yaml behind what does as its proxy does, while the storage is away and a server dies")
@pytest.mark.skipif(POSTGRES not in os.environ, reason=f"needs a PostgreSQL server: {POSTGRES}=postgresql://…")
async def test_the_proxy_of_compose_routes_feeds_while_the_storage_is_away_and_when_a_server_dies(
    compose: dict[str, Any], tmp_path: Path, postgresql_url: str, installed_club: None
) -> None:
    at = make_url(os.environ[POSTGRES])
    club = new_club(now_utc, [Member("anna", "Anna")])
    async with (
        Proxy(at.host or "127.0.0.1", at.port or 5432).serve() as storage,
        club.stand_in.serve() as school,
        aiohttp.ClientSession() as client,
    ):
        url = make_url(postgresql_url).set(host="127.0.0.1", port=storage.port)
        composed = Composed(tmp_path, compose, url.render_as_string(hide_password=False))
        program, other = composed.program("server1"), composed.program("server2")
        await program.json("user", "add", "anna")
        await program.json("source", "add", "club", "club", "title=Club", f"api_url={school}")
        await program.json(
            "account", "add", "anna", "club", "--identity", "anna", "--secret-stdin", stdin="refresh-anna"
        )
        path = URL((await program.json("feed", "add", "anna"))["url"]).path

        async def status(address: str, path: str) -> int:
            async with client.get(address + path) as answer:
                await answer.read()
                return answer.status

        async with program.serve() as one, other.serve() as two:
            addresses = {"server1:8080": one.address, "server2:8080": two.address}
            for address in addresses.values():
                await until(partial(is_ok, client, address + path))
            async with Front.of(compose["configs"]["caddyfile"]["content"], addresses).serve() as front:
                assert {await status(front.address, path) for _ in range(4)} == {200}
                storage.cut()
                await until(lambda: is_not_ok(client, f"{one.address}/readyz"))
                assert {await status(front.address, path) for _ in range(10)} == {200}
                one.kill()
                assert {await status(front.address, path) for _ in range(10)} == {200}
                await until(lambda: front.down == {one.address})
                storage.heal()
                await until(lambda: is_ok(client, f"{front.address}/readyz"))
                assert {await status(front.address, path) for _ in range(4)} == {200}


async def is_ok(client: aiohttp.ClientSession, address: str) -> bool:
    async with client.get(address) as answer:
        return answer.ok


async def is_not_ok(client: aiohttp.ClientSession, address: str) -> bool:
    return not await is_ok(client, address)
