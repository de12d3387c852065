"""The OpenAPI document. Every answer in these tests is compared with it; see `documented`."""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bridge.server.api.endpoint import Endpoint
from bridge.server.api.endpoints import ENDPOINTS
from tests.server.api.conftest import OpenApi
from tests.server.api.documented import DOCUMENT, operation


async def test_the_document_is_served(open_api: OpenApi) -> None:
    async with open_api() as api:
        assert await api.get("/openapi.json") == DOCUMENT


async def test_every_route_is_in_it(open_api: OpenApi) -> None:
    async with open_api() as api:
        for method in ("GET", "POST", "PATCH", "PUT", "DELETE"):
            for path in DOCUMENT["paths"]:
                there = (await api.ask(method, path.replace("{", "").replace("}", ""))).status != 405
                assert there is (operation(method, path) is not None), (method, path)


def test_each_operation_has_a_name_and_a_sentence() -> None:
    operations = [one for path in DOCUMENT["paths"].values() for one in path.values()]
    assert len({one["operationId"] for one in operations}) == len(operations) == len(ENDPOINTS)
    assert all(one["summary"].endswith(".") for one in operations)


def test_every_list_comes_in_parts() -> None:
    for path, operations in DOCUMENT["paths"].items():
        listing = operations.get("get", {})
        if "Link" in (answer := listing.get("responses", {}).get("200", {})).get("headers", {}):
            assert {"limit", "after"} <= {one["name"] for one in listing["parameters"]}, path
        elif listing:
            assert answer["content"]["application/json"]["schema"].get("type") != "array", path


def test_its_schemas_are_valid_and_lead_nowhere_else() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    for reference in re.findall(r"'\$ref': '([^']+)'", str(DOCUMENT)):
        assert reference.rpartition("/")[0] in {"#/components/schemas", "#/components/responses"}
        assert reference.rpartition("/")[2] in {*schemas, "Problem"}


def test_what_is_secret_is_marked_as_such() -> None:
    secret = DOCUMENT["components"]["schemas"]["NewAccount"]["properties"]["secret"]
    assert "password" in str(secret)


_TEXTS = st.one_of(st.text(max_size=20), st.sampled_from(["anna", "club", "default", "\0", "..", "a/b", "x" * 300]))
_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**40), 2**40), st.floats(allow_nan=False), _TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_TEXTS, inner, max_size=3)),
    max_leaves=5,
)


@st.composite
def _requests(draw: st.DrawFn) -> tuple[str, str, Any]:
    """A request of any endpoint with any values."""
    endpoint: Endpoint = draw(st.sampled_from(ENDPOINTS))
    path = re.sub(r"{\w+}", lambda _: _quoted(draw(_TEXTS.filter(bool))), endpoint.path)
    query = draw(st.dictionaries(st.sampled_from(["limit", "after", "since"]), _TEXTS, max_size=2))
    fields = list(endpoint.body.model_fields)
    body = draw(st.dictionaries(st.sampled_from(fields), _VALUES)) if fields else None
    return endpoint.method, path + "?" + "&".join(f"{key}={_quoted(value)}" for key, value in query.items()), body


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "replace"))


@pytest.mark.parametrize("storage_url", ["sqlite"], indirect=True)
async def test_no_request_is_answered_with_an_error_of_the_server(open_api: OpenApi) -> None:
    requests: list[tuple[str, str, Any]] = []

    @settings(max_examples=150, suppress_health_check=list(HealthCheck))
    @given(_requests())
    def collect(request: tuple[str, str, Any]) -> None:
        requests.append(request)

    collect()
    async with open_api() as api:
        await api.done("POST", "/users", {"name": "anna"})
        await api.done("POST", "/users/anna/feeds", {})
        for method, path, body in requests:
            answer = await api.ask(method, path, body)
            assert answer.status < 500, (method, path, body, answer.value)
