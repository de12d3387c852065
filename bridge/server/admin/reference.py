"""The operations of an OpenAPI document, as a page lists them. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class BodyField:
    """A field of a body."""

    name: str
    type: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation: what it does, takes and answers. `parameters` are as in the document."""

    tag: str
    method: str
    path: str
    summary: str
    parameters: Sequence[Schema]
    fields: Sequence[BodyField]
    status: str
    answer: str


def operations_of(document: Schema) -> list[Operation]:
    """All operations, in the order of the document."""
    return [
        _operation(document, path, method, one)
        for path, methods in document["paths"].items()
        for method, one in methods.items()
    ]


def _operation(document: Schema, path: str, method: str, one: Schema) -> Operation:
    status, done = next((status, done) for status, done in one["responses"].items() if status != "default")
    body = one.get("requestBody", {}).get("content", {}).get(_JSON, {}).get("schema", {})
    return Operation(
        tag=one["tags"][0],
        method=method,
        path=path,
        summary=one["summary"],
        parameters=one["parameters"],
        fields=list(_fields(_resolved(document, body))),
        status=status,
        answer=_type(done["content"][_JSON]["schema"]),
    )


def _fields(schema: Schema) -> Iterator[BodyField]:
    required = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        yield BodyField(name, _type(one), name in required, one.get("description", ""))


def _resolved(document: Schema, schema: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Schema = document["components"]["schemas"][_name(schema)]
    return found


def _type(schema: Schema) -> str:
    """What a value is, in a word or two."""
    if "$ref" in schema:
        return _name(schema)
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type(one) for one in schema["anyOf"]))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("type", "value"))


def _name(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2]
