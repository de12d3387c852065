"""Gettext catalogues in source form, which need not be compiled."""

from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def read_catalogue(package: str, domain: str, language: str) -> NullTranslations:
    """The catalogue `locale/LANGUAGE/LC_MESSAGES/DOMAIN.po` of a package. English needs none."""
    if language == "en":
        return NullTranslations()
    source = files(package) / "locale" / language / "LC_MESSAGES" / f"{domain}.po"
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(source.read_bytes()), locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)
