"""What `make lint` says of vulnerable dependencies."""

import json

import pytest

from tests.audit import verdict

SOUND = {"name": "aiohttp", "version": "3.14", "vulns": []}
SKIPPED = {"name": "yarl", "skip_reason": "Dependency not found on PyPI"}
BROKEN = {"name": "jinja2", "version": "2.0", "vulns": [{"id": "PYSEC-2019-217"}]}


def told(*dependencies: object) -> tuple[int, str]:
    return verdict(json.dumps({"dependencies": dependencies}), "")


def test_a_known_vulnerability_fails_and_is_named() -> None:
    assert told(SOUND, BROKEN) == (1, "Known vulnerabilities:\njinja2 2.0: PYSEC-2019-217")


def test_what_could_not_be_looked_up_is_counted() -> None:
    assert told(SOUND) == (0, "Of 1 locked dependencies none has a known vulnerability.")
    assert told(SOUND, SKIPPED)[1].endswith("; 1 could not be looked up.")
    assert told(SKIPPED, SKIPPED) == (
        0,
        "Nothing was audited: pip-audit's service knows none of the 2 locked dependencies.",
    )


@pytest.mark.parametrize("report", ["", "[]", '{"dependencies": null}'])
def test_a_service_that_is_away_is_no_vulnerability_and_is_said(report: str) -> None:
    code, sentence = verdict(report, "Connection refused")
    assert code == 0
    assert "could not ask its service: Connection refused" in sentence
