"""The OpenAPI 3.1 document of the API, made from the types of the endpoints."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from bridge import __version__
from bridge.people.names import LONGEST_NAME
from bridge.server.api.endpoint import Endpoint, Nothing, Part
from bridge.server.api.problems import TYPE, Problem

_JSON = "application/json"
_SCHEMAS = "#/components/schemas/{model}"
_NEXT = {"description": "the address of the next part, if there is one (rel=next)", "schema": {"type": "string"}}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "a text of your choice; sent again within a day, it gives the first answer and does nothing",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
Schema = Mapping[str, Any]


def make_document(endpoints: Sequence[Endpoint], base: str) -> Schema:
    """The document. `base` is the path of the API."""
    kinds: list[tuple[Any, JsonSchemaMode, TypeAdapter[Any]]] = [
        *((one, "serialization", TypeAdapter(_list_of(one.answer))) for one in endpoints),
        *((one, "validation", TypeAdapter(one.body)) for one in endpoints),
        ("problem", "serialization", TypeAdapter(Problem)),
    ]
    schemas, shared = TypeAdapter.json_schemas(kinds, ref_template=_SCHEMAS)
    paths: dict[str, dict[str, Any]] = {}
    for one in endpoints:
        answer, body = schemas[one, "serialization"], schemas[one, "validation"]
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, answer, body)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Roosterbridge", "version": __version__, "summary": "School timetables as calendar feeds."},
        "servers": [{"url": base}],
        "security": [{"admin_token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"admin_token": {"type": "http", "scheme": "bearer"}},
            "schemas": shared["$defs"],
            "responses": {
                "Problem": {
                    "description": "an error (RFC 9457)",
                    "content": {TYPE: {"schema": schemas["problem", "serialization"]}},
                }
            },
        },
    }


_AS: Schema = {
    "name": "as",
    "in": "query",
    "required": False,
    "description": "which of several accounts of the user at the source; by default the one without a name",
    "schema": {"type": "string", "maxLength": LONGEST_NAME},
}


def _list_of(answer: Any) -> Any:
    """The type that is written for the type of an answer."""
    return list[get_args(answer)[0]] if get_origin(answer) is Part else answer  # type: ignore[misc] # made at run time


def _operation(endpoint: Endpoint, answer: Schema, body: Schema) -> Schema:
    done: dict[str, Any] = {
        "description": endpoint.status.phrase,
        "content": {_JSON: {"schema": answer}},
    }
    if get_origin(endpoint.answer) is Part:
        done["headers"] = {"Link": _NEXT}
    operation: dict[str, Any] = {
        "operationId": endpoint.handle.__name__,
        "summary": endpoint.summary,
        "tags": [endpoint.path.split("/")[1]],
        "parameters": [
            *_path_parameters(endpoint.path),
            *([_AS] if endpoint.of_account else []),
            *_query_parameters(endpoint.query),
        ],
        "responses": {str(int(endpoint.status)): done, "default": {"$ref": "#/components/responses/Problem"}},
    }
    if endpoint.method == "POST":
        operation["parameters"].append(_KEY)
    if endpoint.body is not Nothing:
        required = any(field.is_required() for field in endpoint.body.model_fields.values())
        operation["requestBody"] = {"required": required, "content": {_JSON: {"schema": body}}}
    return operation


def _path_parameters(path: str) -> Iterator[Schema]:
    for name in re.findall(r"{(\w+)}", path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _query_parameters(query: type[BaseModel]) -> Iterator[Schema]:
    for name, schema in query.model_json_schema().get("properties", {}).items():
        described = {"description": schema.pop("description")} if "description" in schema else {}
        yield {"name": name, "in": "query", "required": False, **described, "schema": schema}
