"""The languages of the pages, and which of them a visitor reads.

The messages are in English in the code and the templates. Other languages are gettext catalogues,
`locale/LANGUAGE/LC_MESSAGES/pages.po`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from aiohttp import web

LANGUAGES: Mapping[str, str] = MappingProxyType({"nl": "Nederlands", "en": "English", "fr": "Français"})
"""Each language, as it calls itself."""
COOKIE = "language"
_USUAL = "en"
_YEAR = 365 * 86_400


def message(text: str) -> str:
    """Mark a text that a template translates."""
    return text


def language_of(request: web.Request) -> str:
    """The language that the visitor has chosen, or that their browser asks for."""
    for chosen in (request.query.get("language", ""), request.cookies.get(COOKIE, "")):
        if chosen in LANGUAGES:
            return chosen
    return accepted(request.headers.get("Accept-Language", ""))


def accepted(header: str) -> str:
    """The language with the greatest weight in an Accept-Language (RFC 9110, 12.5.4) that the pages have."""
    best, found = 0.0, _USUAL
    for item in header.lower().split(","):
        name, _, parameters = item.partition(";")
        weight = _weight(parameters)
        language = name.strip().partition("-")[0]
        if language in LANGUAGES and weight > best:
            best, found = weight, language
    return found


def _weight(parameters: str) -> float:
    key, _, value = parameters.strip().partition("=")
    try:
        return float(value) if key.strip() == "q" else 1.0
    except ValueError:
        return 0.0


def remember_language(request: web.Request, response: web.Response) -> None:
    """Remember a language that the visitor just chose."""
    chosen = request.query.get("language", "")
    if chosen in LANGUAGES:
        response.set_cookie(COOKIE, chosen, max_age=_YEAR, httponly=True, samesite="Lax")
