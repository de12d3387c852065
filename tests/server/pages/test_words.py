from importlib.resources import files
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from bridge.server.pages.languages import LANGUAGES, accepted
from tests.server.pages.messages import messages

OTHERS = [language for language in LANGUAGES if language != "en"]


def catalogue(language: str) -> Catalog:
    source = files("bridge.server") / "locale" / language / "LC_MESSAGES" / "pages.po"
    return read_po(BytesIO(source.read_bytes()), locale=language)


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_the_pages_is_translated(language: str) -> None:
    known = {one.id if isinstance(one.id, str) else one.id[0]: one.string for one in catalogue(language) if one.id}
    assert known.keys() == messages()
    assert all(all(text) if isinstance(text, tuple) else text for text in known.values())


@pytest.mark.parametrize("language", OTHERS)
def test_translations_have_the_placeholders_of_what_they_translate(language: str) -> None:
    for one in catalogue(language):
        assert list(one.check()) == [], one.id


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("nl-BE,nl;q=0.9,en;q=0.8", "nl"),
        ("de-DE,de;q=0.9,fr;q=0.7,en;q=0.3", "fr"),
        ("en;q=0.2, fr;q=0.1", "en"),
        ("fr;q=0", "en"),
        ("fr;q=often, nl;q=0.1", "nl"),
        ("*", "en"),
    ],
)
def test_a_page_is_in_the_language_that_the_browser_asks_for(header: str, language: str) -> None:
    assert accepted(header) == language
