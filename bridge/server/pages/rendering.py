"""From a template and values to the answer to a request.

jinja2 is imported with the first page: it takes 2 MB, which a service that only answers feeds is spared.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from gettext import NullTranslations
from typing import TYPE_CHECKING, Any

from aiohttp import web
from babel.dates import format_date, format_timedelta

from bridge.calendar.words import words_of
from bridge.model.catalogue import read_catalogue
from bridge.model.clock import Clock
from bridge.server.feeds import accepts_gzip
from bridge.server.pages.assets import Assets
from bridge.server.pages.languages import LANGUAGES, language_of, remember_language
from bridge.settings.values import format_duration

if TYPE_CHECKING:
    from jinja2 import Environment

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers send forms from nowhere: Origin: null
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
    "Vary": "Accept-Encoding, Accept-Language, Cookie",
}


class Renderer:
    """Renders templates in the language of the visitor."""

    def __init__(self, assets: Assets, clock: Clock, *, signs_in: bool) -> None:
        """Create a renderer. `signs_in` is whether people can sign in with the school's own accounts."""
        self._assets = assets
        self._clock = clock
        self._signs_in = signs_in

    def page(
        self, request: web.Request, template: str, *, status: int = 200, leads_to: str = "", **values: Any
    ) -> web.Response:
        """The answer with a page. `leads_to` is the origin of another site to which a form of the page may lead."""
        language = language_of(request)
        text = (
            environment(language)
            .get_template(template)
            .render(
                language=language,
                languages=LANGUAGES,
                here=request.path,
                there=lambda chosen: str(request.rel_url.update_query(language=chosen)),
                asset=self._assets.address,
                now=self._clock(),
                signs_in=self._signs_in,
                **values,
            )
        )
        body, headers = text.encode(), {**HEADERS, "Content-Type": "text/html; charset=utf-8"}
        if leads_to:
            policy = HEADERS["Content-Security-Policy"]
            headers["Content-Security-Policy"] = policy.replace("form-action 'self'", f"form-action 'self' {leads_to}")
        if accepts_gzip(request.headers.get("Accept-Encoding", "")):
            body, headers["Content-Encoding"] = gzip.compress(body, 6), "gzip"
        response = web.Response(body=body, status=status, headers=headers)
        remember_language(request, response)
        return response


def _sentence(clause: str) -> str:
    """A clause as a sentence of its own, without the marks that documents set code in."""
    text = clause.replace("`", "").strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!", "…")) or not text else ".")


def worded(request: web.Request, sentence: str, general: str) -> str:
    """A sentence of an error, if the visitor's language has it; else a general one, which the pages translate."""
    language = language_of(request)
    return sentence if language == "en" or _catalogue(language).gettext(sentence) != sentence else general


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(language: str) -> NullTranslations:
    return read_catalogue("bridge.server", "pages", language)


@lru_cache(maxsize=len(LANGUAGES))
def environment(language: str) -> Environment:
    """The templates in a language."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - 2 MB, only with a page

    made = Environment(
        loader=PackageLoader("bridge.server", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    translations: Any = made
    translations.install_gettext_translations(_catalogue(language), newstyle=True)
    words = words_of(language)

    def ago(moment: datetime, now: datetime) -> str:
        """How long ago, such as "12 minutes ago"."""
        passed = min(moment - now, timedelta(seconds=-1))
        return format_timedelta(passed, add_direction=True, locale=words.locale)

    def day(value: datetime, form: str) -> str:
        """A date, in a form of CLDR."""
        return format_date(value, form, locale=words.locale)

    def said(text: str) -> str:
        """A text that is a value; `_` takes its text for HTML of the template's author."""
        return _catalogue(language).gettext(text) if text else ""

    made.filters["ago"] = ago
    made.filters["sentence"] = _sentence
    made.filters["said"] = said
    made.filters["day"] = day
    made.filters["span"] = format_duration
    made.globals["kinds"] = words.kinds
    return made
