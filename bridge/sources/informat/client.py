"""HTTP requests to Informat's "Personeel" Web API, as far as calendars need it."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from yarl import URL

from bridge.errors import AuthFailed, BadResponse, Forbidden, Refused
from bridge.model.clock import Clock
from bridge.sources.informat.listing import Listing, Model
from bridge.sources.informat.models.assignment import Assignment
from bridge.sources.informat.models.employee import Employee, EmployeeV1
from bridge.sources.informat.models.interruption import Interruption
from bridge.sources.informat.settings import InformatSettings
from bridge.upstream.http import REFUSALS, HttpClient
from bridge.upstream.oauth import ClientCredentialsGrant
from bridge.upstream.reply import Reply

SCOPE = "api_informat_sas_personeel.personeel."
_JUDGED = (HTTPStatus.OK, *REFUSALS, HTTPStatus.METHOD_NOT_ALLOWED)
_THERE = {"BR025", "BR026"}
_GUID = re.compile(rb"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_CODE = re.compile(r"[A-Za-z0-9]{1,12}")


class AlreadyThere(Refused):
    """A number is refused since there is one already, which has this id."""

    def __init__(self, sentence: str, code: str, contact: str) -> None:
        super().__init__(sentence, code)
        self.contact = contact


class RefusedRequest(BadResponse):
    """The API refuses to read with this request (400)."""


class InformatClient:
    """The API of an institute, or of one of its structures if the settings name it.

    `year` is a school year such as `2023-24`, `person` a personId. A 404 means that there is no data. Each call raises:
        AuthFailed: the credentials are refused. Forbidden: they are not for this institute.
        RefusedRequest, SourceError: the request is refused, or Informat could not be asked.
    """

    def __init__(self, http: HttpClient, settings: InformatSettings, clock: Clock) -> None:
        self._http = http
        self._settings = settings
        self._grant = ClientCredentialsGrant(
            http,
            URL(settings.auth_url) / "connect/token",
            client_id=settings.client_id,
            client_secret=settings.client_secret.get_secret_value(),
            scope=SCOPE + settings.institute,
            clock=clock,
        )

    @property
    def origin(self) -> str:
        """The name of the upstream for people."""
        return self._http.origin

    async def employees(self, year: str) -> Listing[Employee]:
        """GET /employees, version 2."""
        return await self._listing("employees", Employee, year, version=2)

    async def employees_v1(self, year: str) -> Listing[EmployeeV1]:
        """GET /employees, version 1, which needs a structure."""
        return await self._listing("employees", EmployeeV1, year, version=1)

    async def employee(self, person: str, year: str) -> Employee | None:
        """GET /employees/{personId}, the same in both versions; `None` if the person is unknown."""
        answer = await self._answer(f"employees/{quote(person, safe='')}", year, version=1)
        found = Listing((answer,) if answer is not None else (), Employee, self.origin).all()
        return found[0] if found else None

    async def assignments(self, year: str) -> Listing[Assignment]:
        """GET /employees/assignments, including hours that are not subsidised."""
        return await self._listing("employees/assignments", Assignment, year)

    async def interruptions(self, year: str) -> Listing[Interruption]:
        """GET /employees/interruptions: those with a day in the school year."""
        return await self._listing("employees/interruptions", Interruption, year)

    async def assignments_of(self, person: str, year: str) -> Listing[Assignment]:
        """GET /employees/{personId}/assignments."""
        return await self._listing(f"employees/{quote(person, safe='')}/assignments", Assignment, year)

    async def interruptions_of(self, person: str, year: str) -> Listing[Interruption]:
        """GET /employees/{personId}/interruptions."""
        return await self._listing(f"employees/{quote(person, safe='')}/interruptions", Interruption, year)

    async def _listing(self, path: str, model: type[Model], year: str, *, version: int = 1) -> Listing[Model]:
        answer = await self._answer(path, year, version)
        if answer is not None and not isinstance(answer, list):
            raise BadResponse(f"{self.origin} did not send a list.")
        return Listing(tuple(filter(self._is_of_structure, answer or ())), model, self.origin)

    def _is_of_structure(self, item: Any) -> bool:
        """Whether an item is of the structure in the settings, as far as it says. A server may ignore `structure`."""
        structure = _small(item).get("hfd")
        told = structure.strip() if isinstance(structure, str) else ""
        return not self._settings.structure or told in {"", self._settings.structure}

    async def _answer(self, path: str, year: str, version: int) -> Any:
        """The answer of a call; `None` if there is no data."""
        query = [("schoolyear", year)]
        if self._settings.structure:
            query.append(("structure", self._settings.structure))
        reply = await self._ask("GET", path, query, version)
        if reply.status == HTTPStatus.NOT_FOUND:
            return None
        if reply.status != HTTPStatus.OK:
            raise self._refusal(reply)
        answer = reply.json()
        if answer is None:
            raise BadResponse(f"{self.origin} sent null instead of data.")
        return answer

    async def put(self, path: str, body: Mapping[str, Any]) -> Reply:
        """PUT `body` at a path; again after a transient error, since our own ids make that safe.

        Raises:
            Refused: the API does not take it (400, 404 or 405). Forbidden: the rights to write are missing.
        """
        return self._taken(await self._ask("PUT", path, (), 1, body))

    async def delete(self, path: str) -> Reply:
        """DELETE what is at a path, once. Raises what `put` raises."""
        return self._taken(await self._ask("DELETE", path, (), 1))

    async def _ask(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]],
        version: int,
        body: Mapping[str, Any] | None = None,
    ) -> Reply:
        """Send a request. If the token is refused before it has expired, get a new one and try again."""
        reply = await self._ask_once(method, path, query, version, body)
        if reply.status == HTTPStatus.UNAUTHORIZED:
            reply = await self._ask_once(method, path, query, version, body)
        if reply.status == HTTPStatus.UNAUTHORIZED:
            raise AuthFailed(f"{self.origin} refuses even a new access token{_code(reply)}.", needs_login=False)
        return reply

    async def _ask_once(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]],
        version: int,
        body: Mapping[str, Any] | None,
    ) -> Reply:
        token = await self._grant.access_token()
        url = URL(f"{URL(self._settings.api_url)}/{path}", encoded=True)
        headers = {
            "Accept": "application/json",
            "Authorization": f"Bearer {token}",
            "InstituteNo": self._settings.institute,
            "Api-Version": str(version),
        }
        if method == "DELETE":
            reply = await self._http.delete(url, headers=headers, accept=_JUDGED)
        elif body is not None:
            reply = await self._http.send_json(method, url, body, headers=headers, accept=_JUDGED, safe=True)
        else:
            reply = await self._http.get(url, query=query, headers=headers, accept=_JUDGED)
        if reply.status == HTTPStatus.UNAUTHORIZED:
            self._grant.refused(token)
        return reply

    def _taken(self, reply: Reply) -> Reply:
        """The answer to a write, which the API must have taken."""
        if reply.status == HTTPStatus.OK:
            return reply
        if reply.status == HTTPStatus.FORBIDDEN:
            raise Forbidden(
                f"{self.origin} does not let these credentials write for institute {self._settings.institute}"
                f"{_code(reply)}; ask Informat for the right to write."
            )
        code = _first_code(reply) or str(reply.status)
        sentence = f"{self.origin} refused it ({code})."
        if code in _THERE and (there := found_key(reply)):
            raise AlreadyThere(sentence, code, there)
        raise Refused(sentence, code)

    def _refusal(self, reply: Reply) -> BadResponse | Forbidden:
        why = _code(reply)
        if reply.status == HTTPStatus.FORBIDDEN:
            return Forbidden(
                f"{self.origin} does not let these credentials read institute {self._settings.institute}{why}."
            )
        return RefusedRequest(f"{self.origin} refused the request{why}.")


def found_key(reply: Reply) -> str:
    """The first GUID in an answer, which need not be JSON; empty if there is none."""
    found = _GUID.search(bytes(reply.body))
    return found[0].decode().lower() if found else ""


def _code(reply: Reply) -> str:
    """The error code of an answer, in brackets, without its message, which may contain names."""
    return f" ({code})" if (code := _first_code(reply)) else ""


def _first_code(reply: Reply) -> str:
    """The first error code of an answer; empty if it has none."""
    try:
        answer = _small(reply.json())
    except BadResponse:
        return ""
    errors = answer.get("errors")
    code = _small(errors[0]).get("code") if isinstance(errors, list) and errors else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def _small(value: Any) -> dict[str, Any]:
    return {str(name).lower(): held for name, held in value.items()} if isinstance(value, dict) else {}
