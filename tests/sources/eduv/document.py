"""The Edu-V document, and what it says of requests and answers."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web
from jsonschema import Draft202012Validator, FormatChecker
from yarl import URL

_FORMATS = FormatChecker(("uuid",))


@_FORMATS.checks("date-time", raises=ValueError)
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or (value.endswith("Z") and datetime.fromisoformat(value).tzinfo is not None)


@cache
def document() -> dict[str, Any]:
    """All of it."""
    path = Path(__file__).parent / "education-api-1.1.1.yaml"
    read: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return read


def assert_documented(path: str, url: URL) -> None:
    """Whether a request has only parameters of `path`, each once and with a value that it may have."""
    parameters = {found["name"]: found for found in document()["paths"][path]["parameters"]}
    sent = {name: value for name, value in parameters.items() if value["in"] == "query"}
    assert set(url.query) <= set(sent)
    assert len(set(url.query)) == len(url.query)
    for name, text in url.query.items():
        schema = sent[name]["schema"]
        value = {"true": True, "false": False}[text] if schema["type"] == "boolean" else text
        _validate(value, schema)


def assert_as_promised(path: str, status: int, body: Any) -> None:
    """Whether an answer is one that `path` may give."""
    answers = document()["paths"][path]["get"]["responses"]
    _validate(body, answers[str(status)]["content"]["application/json"]["schema"])


def _validate(value: Any, schema: dict[str, Any]) -> None:
    whole = {"components": document()["components"], **schema}
    Draft202012Validator(whole, format_checker=_FORMATS).validate(value)


def path_of(request: web.Request) -> str:
    """The document's name of what is asked for."""
    resource = request.match_info.route.resource
    assert resource is not None
    return resource.canonical.removeprefix("/v1")
