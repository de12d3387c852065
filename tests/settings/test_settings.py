"""Layers, types and sentences of the settings."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, SecretStr

from bridge.errors import ConfigError
from bridge.settings.load import load_settings
from bridge.settings.schema import SECTIONS, Section, Settings, SourceSettings
from bridge.settings.values import Listed, format_duration, parse_duration
from bridge.upstream.discovery import discover


class RosterSettings(SourceSettings):
    api_token: SecretStr | None = Field(None, description="opens the API")
    structures: Listed = Field(default_factory=list, description="which ones")
    pupils: int = Field(0, description="how many")


class PlainSettings(SourceSettings):
    pass


TYPES: dict[str, type[SourceSettings]] = {"roster": RosterSettings, "plain": PlainSettings}


class Place:
    """A folder with a settings file, secret files and variables."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "bridge.toml"
        self.secrets = folder / "secrets"
        self.secrets.mkdir()
        self.file.write_text("", "utf-8")

    def load(self, toml: str = "", secrets: dict[str, str] | None = None, **variables: str) -> Settings:
        self.file.write_text(toml, "utf-8")
        for name, value in (secrets or {}).items():
            (self.secrets / name).write_text(value, "utf-8")
        return load_settings(self.file, TYPES, {"BRIDGE_SECRETS_DIR": str(self.secrets), **variables})

    def refused(self, toml: str = "", secrets: dict[str, str] | None = None, **variables: str) -> str:
        with pytest.raises(ConfigError) as raised:
            self.load(toml, secrets, **variables)
        return raised.value.sentence


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def token(settings: Settings, source: str) -> str | None:
    found = settings.sources[source]
    assert isinstance(found, RosterSettings)
    return found.api_token.get_secret_value() if found.api_token else None


def test_everything_has_a_default(place: Place) -> None:
    settings = place.load()
    assert settings == Settings()
    assert settings.server.port == 8080
    assert settings.refresh.interval == timedelta(minutes=30)
    assert settings.warnings == ()


def test_a_variable_wins_over_a_secret_file_and_that_over_the_file(place: Place) -> None:
    toml = '[sources.uva]\ntype = "roster"\napi_token = "file"\n'
    secret = {"bridge_sources__uva__api_token": "secret\n"}
    assert token(place.load(toml), "uva") == "file"
    assert token(place.load(toml, secret), "uva") == "secret"
    assert token(place.load(toml, secret, BRIDGE_SOURCES__UVA__API_TOKEN="variable"), "uva") == "variable"


def test_layers_are_merged_key_by_key(place: Place) -> None:
    toml = '[server]\nport = 1\nhost = "::1"\n'
    settings = place.load(toml, {"bridge_server__public_url": "https://feeds.example"}, BRIDGE_SERVER__PORT="2")
    assert (settings.server.port, settings.server.host) == (2, "::1")
    assert settings.server.public_url == "https://feeds.example"


def test_a_source_may_be_made_of_variables_alone(place: Place) -> None:
    settings = place.load(
        BRIDGE_SOURCES__UVA__TYPE="roster",
        BRIDGE_SOURCES__UVA__STRUCTURES="111, 211",
        BRIDGE_SOURCES__UVA__PUPILS="12",
    )
    uva = settings.sources["uva"]
    assert isinstance(uva, RosterSettings)
    assert (uva.structures, uva.pupils, settings.warnings) == (["111", "211"], 12, ())


def test_a_variable_reaches_a_source_with_a_dash_in_its_name(place: Place) -> None:
    variables = {"BRIDGE_SOURCES__SINT-JAN__TITLE": "Sint-Jan"}
    settings = place.load('[sources.sint-jan]\ntype = "plain"\n', {}, **variables)
    assert settings.sources["sint-jan"].title == "Sint-Jan"


def test_an_unknown_variable_warns_and_names_the_nearest(place: Place) -> None:
    settings = place.load(BRIDGE_SERVER__PORTS="1", BRIDGE_CONFG="x")
    assert len(settings.warnings) == 2
    assert "BRIDGE_SERVER__PORTS" in settings.warnings[0]
    assert settings.warnings[0].endswith("is BRIDGE_SERVER__PORT.")
    assert settings.warnings[1].endswith("is BRIDGE_CONFIG.")


def test_variables_of_other_programs_are_left_alone(place: Place) -> None:
    assert place.load(PATH="/bin", DATABASE_URL="x").warnings == ()


def test_a_port_that_addresses_do_not_have_is_warned_of(place: Place) -> None:
    (warning,) = place.load(BRIDGE_SERVER__PORT="9000").warnings
    assert warning == "Addresses begin with http://127.0.0.1:8080, but server.port is 9000: set server.public_url too."
    for url in ("http://127.0.0.1:9000", "https://calendars.example"):
        assert place.load(BRIDGE_SERVER__PORT="9000", BRIDGE_SERVER__PUBLIC_URL=url).warnings == (), url
    assert place.load(BRIDGE_SERVER__PORT="0").warnings == ()


@pytest.mark.parametrize(
    ("toml", "unknown", "nearest"),
    [
        ("[server]\nprot = 1\n", "server.prot", "server.port"),
        ("[sever]\nport = 1\n", "sever", "server"),
        ('[refresh]\nintervall = "1h"\n', "refresh.intervall", "refresh.interval"),
        ('[sources.uva]\ntype = "roster"\napi_tokn = "x"\n', "sources.uva.api_tokn", "sources.uva.api_token"),
        ('[sources.p]\ntype = "plain"\ntimezon = "x"\n', "sources.p.timezon", "sources.p.timezone"),
    ],
)
def test_an_unknown_key_is_refused_and_names_the_nearest(place: Place, toml: str, unknown: str, nearest: str) -> None:
    assert place.refused(toml) == f"Unknown setting {unknown}; the nearest known one is {nearest}."


def test_warnings_are_not_a_setting(place: Place) -> None:
    assert place.refused('warnings = ["all is well"]\n').startswith("Unknown setting warnings;")


def test_an_unknown_type_names_the_nearest(place: Place) -> None:
    sentence = place.refused('[sources.uva]\ntype = "rooster"\n')
    assert "sources.uva.type" in sentence
    assert "'rooster'" in sentence
    assert "'roster'" in sentence


def test_a_missing_type_names_all(place: Place) -> None:
    assert place.refused("[sources.uva]\n") == "sources.uva.type is missing; known types: plain, roster."


@pytest.mark.parametrize("value", ["7", "[]", "{}", "true"])
def test_a_type_that_is_no_text_is_refused(place: Place, value: str) -> None:
    assert place.refused(f"[sources.uva]\ntype = {value}\n").startswith("sources.uva.type")


@pytest.mark.parametrize("name", ["UvA", "'u va'", "'é'", "'-uva'", "''", "'uva.nl'"])
def test_a_source_s_name_is_made_of_small_letters_digits_and_dashes(place: Place, name: str) -> None:
    assert "name consists of lower-case letters" in place.refused(f'[sources.{name}]\ntype = "plain"\n')


@pytest.mark.parametrize("toml", ["sources = 1", "[[sources]]\ntype = 'plain'", "[sources]\nuva = 'plain'"])
def test_sources_are_tables(place: Place, toml: str) -> None:
    assert "table" in place.refused(toml)


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_that_is_no_table_is_refused_by_name(place: Place, section: str) -> None:
    assert section in place.refused(f"{section} = 1\n")


@pytest.mark.parametrize("zone", ["Europe/Amsterdm", "", "../../etc/passwd", "Europe"])
def test_a_zone_that_does_not_exist_is_refused(place: Place, zone: str) -> None:
    sentence = place.refused(f'[sources.p]\ntype = "plain"\ntimezone = "{zone}"\n')
    assert sentence.startswith("The setting sources.p.timezone is not valid")
    assert "Europe/Amsterdam" in sentence


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example", "a.example", "https://", "http:// x", "http://a b", "http://a:99999", "http://[::1"],
)
def test_an_address_that_nothing_can_be_asked_at_is_refused(place: Place, url: str) -> None:
    sentence = place.refused(f'[sources.p]\ntype = "plain"\napi_url = "{url}"\n')
    assert "sources.p.api_url" in sentence
    assert "http://" in sentence


def test_an_address_loses_its_last_slash(place: Place) -> None:
    settings = place.load('[sources.p]\ntype = "plain"\napi_url = "http://127.0.0.1:8101/"\n')
    assert settings.sources["p"].api_url == "http://127.0.0.1:8101"


@pytest.mark.parametrize("value", ['"0s"', '"999"', "30", '"1.5h"', '"-1m"', '"1y"', '""', "true"])
def test_an_interval_is_a_duration_of_at_least_a_second(place: Place, value: str) -> None:
    assert "refresh.interval" in place.refused(f"[refresh]\ninterval = {value}\n")


def test_an_interval_under_five_minutes_warns(place: Place) -> None:
    settings = place.load(
        '[refresh]\ninterval = "1s"\n[sources.p]\ntype = "plain"\ninterval = "299s"\n'
        '[sources.q]\ntype = "plain"\ninterval = "5m"\n'
    )
    assert [warning.split(" is ")[0] for warning in settings.warnings] == [
        "refresh.interval",
        "sources.p.interval",
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("10s", timedelta(seconds=10)),
        ("30m", timedelta(minutes=30)),
        ("12h", timedelta(hours=12)),
        ("60d", timedelta(days=60)),
        (" 2 w ", timedelta(weeks=2)),
    ],
)
def test_a_duration_is_a_number_and_a_unit(written: str, meant: timedelta) -> None:
    assert parse_duration(written) == meant


@given(st.integers(0, 999_999).map(lambda seconds: timedelta(seconds=seconds)))
def test_a_duration_that_is_written_is_read_back(duration: timedelta) -> None:
    assert parse_duration(format_duration(duration)) == duration


@pytest.mark.parametrize("value", ["999999d", "999999w"])
def test_a_window_does_not_reach_beyond_the_calendar(place: Place, value: str) -> None:
    assert "refresh.past" in place.refused(f'[refresh]\npast = "{value}"\n')


@pytest.mark.parametrize(
    "toml",
    [
        '[security]\nadmin_token = ["hunter2"]\n',
        '[sources.uva]\ntype = "roster"\napi_token = { a = "hunter2" }\n',
        '[sources.uva]\ntype = "roster"\npupils = "hunter2"\n',
        '[server]\nport = "hunter2"\n',
        '[refresh]\ninterval = "hunter2"\n',
        '[sources.uva]\ntype = "roster"\napi_url = "ftp://hunter2@a.example"\n',
    ],
)
def test_a_value_is_never_in_the_sentence(place: Place, toml: str) -> None:
    assert "hunter2" not in place.refused(toml)


def test_secrets_do_not_show(place: Place) -> None:
    settings = place.load(
        '[security]\nadmin_token = "hunter2"\n[sources.uva]\ntype = "roster"\napi_token = "hunter2"\n'
    )
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(settings.sources["uva"])
    assert "hunter2" not in settings.sources["uva"].model_dump_json()


def test_a_broken_file_is_refused_without_its_words(place: Place) -> None:
    sentence = place.refused('[security]\nadmin_token = "hunter2\n')
    assert "is not valid TOML" in sentence
    assert "hunter2" not in sentence


def test_a_secret_file_that_cannot_be_read_is_refused_by_name(place: Place) -> None:
    (place.secrets / "bridge_security__admin_token").write_bytes(b"\xff\xfe")
    assert "bridge_security__admin_token" in place.refused().lower()


def test_an_empty_admin_token_is_none(place: Place) -> None:
    assert place.load('[security]\nadmin_token = ""\n').security.admin_token is None


def test_a_file_that_was_asked_for_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="roosterbridge init"):
        load_settings(tmp_path / "none.toml", TYPES, {})
    with pytest.raises(ConfigError, match="roosterbridge init"):
        load_settings(None, TYPES, {"BRIDGE_CONFIG": str(tmp_path / "none.toml")})


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(tmp_path, TYPES, {})


def test_the_usual_file_need_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings(None, TYPES, {}) == Settings()


def test_a_variable_names_another_file(tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text("[server]\nport = 9\n", "utf-8")
    assert load_settings(None, TYPES, {"BRIDGE_CONFIG": str(path)}).server.port == 9


def test_every_setting_is_described() -> None:
    models: list[type[Section]] = [*SECTIONS.values(), SourceSettings]
    assert all(field.description for model in models for field in model.model_fields.values())


def test_names_for_a_source_that_is_none_names_the_nearest(place: Place) -> None:
    types = {name: found.settings for name, found in discover().items()}
    register = """
[sources.fortes]
type = "somtoday"
[sources.register]
type = "eduv"
api_url = "https://register.example.nl"
token_url = "https://register.example.nl/token"
client_id = "id"
client_secret = "secret"
organisation = "104A158"
names_for = ["%s"]
"""
    place.file.write_text(register % "fortes", "utf-8")
    assert load_settings(place.file, types, {}).sources.keys() == {"fortes", "register"}
    place.file.write_text(register % "fortis", "utf-8")
    with pytest.raises(
        ConfigError, match=r'names_for: no source is called "fortis"; the nearest known one is "fortes"\.'
    ):
        load_settings(place.file, types, {})


def test_sign_in_is_off_until_a_provider_is_named(place: Place) -> None:
    assert place.load("[oidc]").oidc.issuer is None
    assert place.refused('[oidc]\nadmins = ["ict@school.example"]') == (
        "The setting oidc is not valid: issuer is missing."
    )
    assert "client_id is missing" in place.refused('[oidc]\nissuer = "https://login.example"')


def test_accounts_of_a_sign_in_are_made_from_claims(place: Place) -> None:
    toml = '[oidc]\nissuer = "https://login.example"\nclient_id = "us"\n'
    found = place.load(toml, BRIDGE_OIDC__ACCOUNTS="uva={preferred_username}, sintjan={email}").oidc
    assert found.accounts == {"uva": "{preferred_username}", "sintjan": "{email}"}
    assert place.load(toml + 'accounts = { uva = "s{uid}" }').oidc.accounts == {"uva": "s{uid}"}
    assert "accounts.uva names no claim" in place.refused(toml + 'accounts = { uva = "preferred_username" }')
    assert "a list such as name=value" in place.refused(toml, BRIDGE_OIDC__ACCOUNTS="uva")
