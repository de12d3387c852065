"""Whether answers are as the OpenAPI document says."""

import re
from typing import Any

from jsonschema import Draft202012Validator

from bridge.server.api.document import make_document
from bridge.server.api.endpoints import ENDPOINTS

DOCUMENT: Any = make_document(ENDPOINTS, "/api/v1")


def operation(method: str, path: str) -> Any:
    """The operation that answers a request, or `None`."""
    plain = path.partition("?")[0]
    matching = [one for one in DOCUMENT["paths"] if re.fullmatch(re.sub(r"{\w+}", "[^/]+", one), plain)]
    exact = sorted(matching, key=lambda one: one.count("{"))
    return next((DOCUMENT["paths"][one].get(method.lower()) for one in exact), None)


def check_answer(method: str, path: str, content_type: str, status: int, value: object) -> None:
    """Fail unless an answer is one that the document has for the request."""
    found = operation(method, path)
    documented = None if found is None else found["responses"].get(str(status))
    if documented is None:
        assert status >= 400, (method, path, status)
        documented = DOCUMENT["components"]["responses"]["Problem"]
    schema = documented["content"][content_type]["schema"]
    whole = {**schema, "components": DOCUMENT["components"]}
    Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(value)
