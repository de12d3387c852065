"""The catalogues say everything that the code says, and travel with it."""

import re
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from hatchling.builders.wheel import WheelBuilder

from bridge.calendar.words import LANGUAGES, words_of

ROOT = Path(__file__).parents[2]
TRANSLATED = [language for language in LANGUAGES if language != "en"]


def catalogue(language: str) -> Catalog:
    source = files("bridge.calendar") / "locale" / language / "LC_MESSAGES" / "feeds.po"
    return read_po(BytesIO(source.read_bytes()), locale=language)


def spoken() -> set[tuple[object, str | None]]:
    """Every message in the code, with its context."""
    keywords = {"_": None, "pgettext": ((1, "c"), 2), "ngettext": (1, 2)}
    with (ROOT / "bridge/calendar/words.py").open("rb") as code:
        return {(message, context) for _, message, _, context in extract("python", code, keywords=keywords)}


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_every_message_and_no_other(language: str) -> None:
    assert {(message.id, message.context) for message in catalogue(language) if message.id} == spoken()


def texts(message: Any) -> list[str]:
    """A message in all its forms."""
    return [message] if isinstance(message, str) else list(message)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_translation_is_complete(language: str) -> None:
    for message in catalogue(language):
        given, wanted = texts(message.string), texts(message.id)
        assert all(given)
        assert not message.fuzzy
        if message.id:
            assert {text.count("{}") for text in given} == {text.count("{}") for text in wanted}
            assert {text.endswith(": ") for text in given} == {text.endswith(": ") for text in wanted}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_is_known_by_its_name(language: str) -> None:
    assert words_of(language).language == language
    assert len(set(words_of(language).kinds.values())) == len(words_of(language).kinds)


def test_the_catalogues_are_in_the_wheel() -> None:
    shipped = {
        Path(found.path).relative_to(ROOT).as_posix() for found in WheelBuilder(str(ROOT)).recurse_included_files()
    }
    for language in TRANSLATED:
        assert f"bridge/calendar/locale/{language}/LC_MESSAGES/feeds.po" in shipped


def test_the_container_takes_the_whole_package() -> None:
    assert re.search(r"^COPY bridge \./bridge$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
