"""The application under `/api`: who may enter, and how a request becomes a call of its endpoint."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import orjson
import structlog
from aiohttp import web
from aiohttp.hdrs import METH_POST
from aiohttp.typedefs import Handler, Middleware
from pydantic import ValidationError

from bridge.errors import BridgeError, UnknownName
from bridge.people.audit import recorded
from bridge.server.api.endpoint import Call, Endpoint, Nothing, Part
from bridge.server.api.endpoints import ENDPOINTS, VERSION
from bridge.server.api.problems import HEADERS, problem, problem_of, problem_of_values
from bridge.server.operators import Operators
from bridge.server.services import Services
from bridge.store.audit import Via
from bridge.store.choice import thing_of
from bridge.store.requests import Answered, Busy, Other

_JSON = "application/json"
_KEY = "Idempotency-Key"
_LONGEST_KEY = 255
_NAMES = {"name", "source", "feed"}
_SENTENCES = {
    404: "There is nothing at this address; /api/v1/openapi.json lists what there is.",
    405: "This address does not take this method.",
    413: "The body is too large.",
}
log = structlog.get_logger()


def build_api(services: Services, operators: Operators) -> web.Application:
    """The application, to be added as `/api`."""
    api = web.Application(middlewares=[_guard(operators)])
    for endpoint in ENDPOINTS:
        api.router.add_route(endpoint.method, VERSION + endpoint.path, _handler(endpoint, services))
    return api


def _guard(operators: Operators) -> Middleware:
    """Let only an operator in, and answer every error as a problem."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not await operators.welcome():
            return problem(
                HTTPStatus.NOT_FOUND, "There is no API here until there is an admin token; see security.admin_token."
            )
        refusal = _too_many(operators, request) or await _refusal(operators, request)
        if refusal is not None:
            return refusal
        try:
            return await handler(request)
        except web.HTTPException as error:
            kept = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
            return problem(HTTPStatus(error.status), _SENTENCES.get(error.status, error.reason), headers=kept)

    return guard


def _too_many(operators: Operators, request: web.Request) -> web.Response | None:
    """The answer to a client that has sent too many wrong tokens."""
    wait = operators.wait(request)
    if not wait:
        return None
    sentence = "Too many wrong tokens came from this address; wait a minute."
    return problem(HTTPStatus.TOO_MANY_REQUESTS, sentence, headers={"Retry-After": str(wait)})


async def _refusal(operators: Operators, request: web.Request) -> web.Response | None:
    """The answer to a client without the admin token (RFC 6750, 3)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        sentence = "Send the admin token: Authorization: Bearer ADMIN_TOKEN."
        return problem(HTTPStatus.UNAUTHORIZED, sentence, headers={"WWW-Authenticate": "Bearer"})
    if await operators.admit(request, token.strip()):
        return None
    wrong = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    return problem(HTTPStatus.UNAUTHORIZED, "This is not the admin token.", headers=wrong)


def _handler(endpoint: Endpoint, services: Services) -> Handler:
    """A handler that reads a request, calls the endpoint and writes its answer."""

    async def handle(request: web.Request) -> web.StreamResponse:
        request = request.clone(client_max_size=endpoint.largest)
        try:
            return await _once(services, endpoint, request)
        except _Unfit as error:
            return problem(error.status, error.detail)
        except ValidationError as error:
            return problem_of_values(error)
        except BridgeError as error:
            return problem_of(error)
        except web.HTTPException:
            raise
        except Exception:  # a bug: aiohttp would answer it with text, not with problem+json
            log.exception("api.failed", method=endpoint.method, path=endpoint.path)
            return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Something unexpected went wrong; the log has the error.")

    return handle


async def _once(services: Services, endpoint: Endpoint, request: web.Request) -> web.Response:
    """Answer a request. One that is sent again with its Idempotency-Key gets the first answer, if it was done."""
    key = request.headers.get(_KEY) if endpoint.method == METH_POST else None
    if key is None:
        return await _respond(services, endpoint, request)
    if not 1 <= len(key) <= _LONGEST_KEY:
        raise _Unfit(HTTPStatus.BAD_REQUEST, f"An {_KEY} has 1 to {_LONGEST_KEY} characters.")
    content = request.rel_url.raw_path_qs.encode() + b"\n" + await request.read()
    before = await services.store.requests.begin(key, content, services.clock())
    if isinstance(before, Answered):
        return web.Response(body=before.answer.encode(), status=before.status, content_type=_JSON, headers=HEADERS)
    if isinstance(before, Other):
        raise _Unfit(HTTPStatus.UNPROCESSABLE_ENTITY, f"This {_KEY} was used for another request.")
    if isinstance(before, Busy):
        raise _Unfit(HTTPStatus.CONFLICT, f"The request with this {_KEY} is being worked on.")
    try:
        response = await _respond(services, endpoint, request)
    except BaseException:
        await services.store.requests.release(key)
        raise
    await services.store.requests.finish(key, response.status, response.text or "")
    return response


async def _respond(services: Services, endpoint: Endpoint, request: web.Request) -> web.Response:
    """Read a request, call the endpoint and write its answer."""
    call = await _read(request, endpoint)
    return _written(request, endpoint, await _answer(services, endpoint, call))


async def _answer(services: Services, endpoint: Endpoint, call: Call[Any, Any]) -> object:
    """Call an endpoint. What it changes is recorded."""
    if not endpoint.recorded:
        return await endpoint.handle(services, call)
    concern = endpoint.concerns(call)
    async with recorded(services.store, services.clock, Via.API, endpoint.does, user=concern.user, thing=concern.thing):
        return await endpoint.handle(services, call)


class _Unfit(Exception):
    """A request that cannot become a call."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


async def _read(request: web.Request, endpoint: Endpoint) -> Call[Any, Any]:
    """A request with its values. Raises _Unfit, or ValidationError."""
    body = await request.read()
    if endpoint.body is Nothing and body:
        raise _Unfit(HTTPStatus.BAD_REQUEST, "This request takes no body.")
    if body and request.content_type not in {_JSON, "application/merge-patch+json"}:
        raise _Unfit(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send the body as {_JSON}.")
    try:
        given = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError:
        raise _Unfit(HTTPStatus.BAD_REQUEST, "The body is not JSON.") from None
    names = (*request.match_info.values(), request.query.get("as", ""))
    if any(ord(sign) < ord(" ") for name in names for sign in name):
        raise UnknownName("Nothing has a name with control characters.")
    path = {key: value.strip() if key in _NAMES else value for key, value in request.match_info.items()}
    query = dict(request.query)
    if endpoint.of_account:
        path["source"] = thing_of(path["source"], query.pop("as", "").strip())
    return Call(path, endpoint.body.model_validate(given), endpoint.query.model_validate(query))


def _written(request: web.Request, endpoint: Endpoint, answer: object) -> web.Response:
    headers = dict(HEADERS)
    if isinstance(answer, Part):
        if answer.after is not None:
            query = urlencode({**request.query, "after": answer.after})
            headers["Link"] = f'<{request.rel_url.raw_path}?{query}>; rel="next"'
        answer = answer.items
    return web.Response(body=orjson.dumps(answer), status=endpoint.status, content_type=_JSON, headers=headers)
