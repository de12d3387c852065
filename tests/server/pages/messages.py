"""The messages of the pages, found in code and templates."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir

import bridge
from bridge.server.admin.source_form import fields_of
from bridge.upstream.discovery import discover

ROOT = Path(bridge.__file__).parent
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "message": None}
_OF_PAGES = [("pages/**.py", "python"), ("admin/**.py", "python"), ("templates/**.html", "jinja2")]
_SENTENCES = dict.fromkeys(("LoginMistake", "AuthFailed", "NotKnown", "NotJoined", "NameTaken"))


def messages() -> set[str]:
    """Each message once; of plurals the singular."""
    return {text if isinstance(text, str) else text[0] for text in (*_found(), *_of_sources())}


def _of_sources() -> Iterator[str]:
    """What packaged sources say of themselves where people connect them, and operators set them."""
    for kind in discover().values():
        if kind.create.__module__.startswith("bridge.sources."):
            labels = (field.title or name for name, field in kind.options.model_fields.items())
            theirs = (kind.identity_help, kind.secret_help, *kind.login_steps, *labels) if kind.accounts else ()
            settings = (field.label for field in fields_of(kind.settings))
            yield from filter(None, (kind.title, kind.summary, *theirs, *settings))


def _found() -> Iterator[str | tuple[str, ...]]:
    for folder, methods, keywords in (
        (ROOT / "server", _OF_PAGES, _KEYWORDS),
        (ROOT / "upstream", [("browser_login.py", "python")], _SENTENCES),
        (ROOT / "people" / "signin", [("arrivals.py", "python"), ("provider.py", "python")], _SENTENCES),
    ):
        options = {pattern: {"silent": "false"} for pattern, how in methods if how == "jinja2"}
        for _, _, text, _, _ in extract_from_dir(
            folder, method_map=methods, options_map=options, keywords=keywords, directory_filter=lambda _: True
        ):
            if text:
                yield text
