"""Errors as application/problem+json (RFC 9457)."""

import math
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web
from pydantic import BaseModel, ValidationError

from bridge.errors import (
    BadResponse,
    BridgeError,
    ChoiceNeeded,
    NameTaken,
    RateLimited,
    Refused,
    SourceError,
    StorageError,
    Unavailable,
    UnknownName,
)
from bridge.store.locks import LockBusy

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
TYPE = "application/problem+json"
_STATUS = {
    NameTaken: HTTPStatus.CONFLICT,
    UnknownName: HTTPStatus.NOT_FOUND,
    LockBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    StorageError: HTTPStatus.SERVICE_UNAVAILABLE,
    RateLimited: HTTPStatus.SERVICE_UNAVAILABLE,
    Unavailable: HTTPStatus.BAD_GATEWAY,
    BadResponse: HTTPStatus.BAD_GATEWAY,
    BridgeError: HTTPStatus.UNPROCESSABLE_ENTITY,
}


class Fault(BaseModel):
    """What is wrong with one value. `pointer` is its place (RFC 6901)."""

    pointer: str
    detail: str


class Choice(BaseModel):
    """A value to choose, and whom or what it stands for."""

    value: str
    name: str


class Problem(BaseModel):
    """An error.

    `code` is the school's own one of a refusal. `choices` are the values of which the identity of an account, or the
    option `option`, has to be one.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[Fault] | None = None
    choices: list[Choice] | None = None
    option: str | None = None
    code: str | None = None


def problem(
    status: HTTPStatus,
    detail: str,
    *,
    errors: list[Fault] | None = None,
    choices: list[Choice] | None = None,
    option: str | None = None,
    code: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """The answer for an error."""
    found = Problem(
        title=status.phrase, status=status, detail=detail, errors=errors, choices=choices, option=option, code=code
    )
    return web.Response(
        text=found.model_dump_json(exclude_none=True),
        status=status,
        content_type=TYPE,
        headers={**HEADERS, **(headers or {})},
    )


def problem_of(error: BridgeError) -> web.Response:
    """The answer for an error of the service, a source or a name."""
    status = next(status for kind, status in _STATUS.items() if isinstance(error, kind))
    headers = {}
    if isinstance(error, SourceError) and error.retry_after is not None:
        headers["Retry-After"] = str(math.ceil(error.retry_after.total_seconds()))
    if isinstance(error, ChoiceNeeded):
        choices = [Choice(value=value, name=name) for value, name in error.choices]
        return problem(status, error.sentence, choices=choices, option=error.option)
    code = error.code if isinstance(error, Refused) and error.code else None
    return problem(status, error.sentence, code=code, headers=headers)


def problem_of_values(error: ValidationError) -> web.Response:
    """The answer for values that are not valid. It does not repeat them, since they may be secret."""
    faults = [
        Fault(pointer="".join(f"/{step}" for step in one["loc"]), detail=one["msg"].removeprefix("Value error, "))
        for one in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    detail = "; ".join(f"{fault.pointer}: {fault.detail}" for fault in faults[:3])
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"The request is not valid: {detail}.", errors=faults)
