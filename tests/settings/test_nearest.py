"""Who mistypes a name reads the near one, else all."""

import pytest

from bridge.settings.nearest import nearest


@pytest.mark.parametrize(
    ("given", "known", "told"),
    [
        ("prot", ["host", "port"], "the nearest known one is port"),
        ("anna", ["bram", "zoë"], "known are bram, zoë"),
        ("anna", [], "there is none"),
    ],
)
def test_a_name_that_is_near_is_named_and_else_all_are(given: str, known: list[str], told: str) -> None:
    assert nearest(given, known) == told
