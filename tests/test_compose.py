"""The files that run several servers fit the program."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge.settings.load import load_settings
from bridge.settings.schema import Settings
from tests.conftest import KEY

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
    caddy = compose["configs"]["caddyfile"]["content"]
    assert "reverse_proxy server1:8080 server2:8080" in caddy
    assert "health_uri /healthz" in caddy


def test_the_example_for_kubernetes_has_probes_and_valid_settings(tmp_path: Path) -> None:
    found = {one["kind"]: one for one in yaml.safe_load_all((ROOT / "docs" / "kubernetes.yaml").read_text("utf-8"))}
    assert set(found) == {"Job", "Deployment", "Service"}
    pod = found["Deployment"]["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    assert {container[probe]["httpGet"]["path"] for probe in ("startupProbe", "readinessProbe", "livenessProbe")} == {
        "/healthz"
    }
    assert found["Service"]["spec"]["selector"] == pod["metadata"]["labels"]
    expect_settings(loaded(tmp_path, {variable["name"]: variable["value"] for variable in container["env"]}))
