"""HTTP requests to MyTimetable (API version 0)."""

import re
from collections.abc import Collection
from http import HTTPStatus
from urllib.parse import quote, urlencode

from yarl import URL

from bridge.errors import AuthFailed, BadResponse, Forbidden, NotOffered, Refused, SourceError
from bridge.model.window import Window
from bridge.sources.mytimetable.options import HostKey
from bridge.sources.mytimetable.settings import USERNAME, MyTimetableSettings
from bridge.upstream.http import REFUSALS, HttpClient, Query
from bridge.upstream.reply import Body, Reply

_JUDGED = (HTTPStatus.OK, *REFUSALS)
_NOT_OFFERED = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
_ERROR_TYPE = re.compile(r"[a-z_]{1,40}")


class NoTimetable(SourceError):
    """The person or timetable does not exist, or the credentials do not give access to it."""


class NotAllowed(AuthFailed):
    """The credentials are valid but may not read this. A new login does not help."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, needs_login=False)


class MyTimetableClient:
    """The API of a university.

    `secret` is the account's own OAuth access token; without one the `api_token` of the settings is used. The end of a
    window is sent as the midnight after its last day, as the documentation has it.
    """

    def __init__(self, http: HttpClient, settings: MyTimetableSettings) -> None:
        self._http = http
        self._settings = settings

    @property
    def origin(self) -> str:
        """The name of the upstream for people."""
        return self._http.origin

    @property
    def has_token(self) -> bool:
        """Whether the settings have an `api_token`."""
        return self._settings.api_token is not None

    def username(self, person: str) -> str:
        """The user name of a person as the site has it."""
        return self._settings.username_template.replace(USERNAME, person)

    async def reach(self) -> None:
        """GET /timetabletypes, to check that the API answers and accepts the `api_token`, if there is one.

        Raises:
            AuthFailed: the token is refused. SourceError: any other error.
        """
        token = self._settings.api_token
        headers = self._plain() | ({"apiToken": token.get_secret_value()} if token else {})
        answers = (HTTPStatus.OK, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
        reply = await self._get("timetabletypes", (), headers, answers)
        if reply.status == HTTPStatus.OK:
            reply.json()
        elif token:
            raise self._token_refused(reply)

    async def personal(self, person: str, secret: str | None, window: Window, *, limit: int = 0) -> Body:
        """GET /timetable: the events of all subscriptions of a person; a limit of 0 is no limit.

        A server before 3.1 refuses `excludeResourceTimetables` and is asked again without it.

        Raises:
            NoTimetable: the person is unknown, or the `api_token` may not read the timetables of persons. A 403 can
                mean either, so it is never Forbidden.
            AuthFailed: the credentials are refused. SourceError: any other error.
        """
        headers = self._acting_for(person, secret)
        query = [*_days(window, limit), *(("type", kind) for kind in self._settings.types)]
        reply = None
        if self._settings.exclude_resource_timetables:
            extended = [*query, ("excludeResourceTimetables", "true")]
            reply = await self._get("timetable", extended, headers)
        if reply is None or reply.status == HTTPStatus.BAD_REQUEST:
            reply = await self._get("timetable", query, headers)
        if reply.status == HTTPStatus.OK:
            return reply.body
        raise self._no_person(reply, secret)

    async def single(self, key: str, secret: str | None, window: Window, *, limit: int = 0) -> Body:
        """GET /timetables/{key}, by a key or a `HostKey` as text; a limit of 0 is no limit.

        Raises:
            NoTimetable: no timetable has that key.
            AuthFailed: the credentials are refused. NotAllowed: they may not read it.
            SourceError: any other error.
        """
        query, host_key = _days(window, limit), HostKey.of(key)
        if host_key is not None:
            query += [("fetchBy", "hostKey"), ("type", host_key.type)]
        path = f"timetables/{quote(host_key.key if host_key else key, safe='')}"
        reply = await self._get(path, query, self._credentials(secret))
        if reply.status == HTTPStatus.OK:
            return reply.body
        raise self._no_key(reply, key, secret)

    async def of_person(self, path: str, person: str, secret: str | None) -> Body | None:
        """GET a call about a person; `None` if the site does not have it (404) or does not allow it (403).

        Raises:
            AuthFailed: the credentials are refused. SourceError: any other error.
        """
        return self._offered(await self._get(path, (), self._acting_for(person, secret)), secret)

    async def preference(self, path: str, person: str, secret: str | None) -> Body:
        """GET a preference of a person. Raises NotOffered where `of_person` gives `None`."""
        if (body := await self.of_person(path, person, secret)) is None:
            raise NotOffered(f"{self.origin} does not tell this person's preferences.")
        return body

    async def of_site(self, path: str, secret: str | None, query: Query = ()) -> Body | None:
        """GET a call that is not about a person, with the `api_token` if there is one; otherwise like `of_person`."""
        opener = None if self._settings.api_token else secret
        return self._offered(await self._get(path, query, self._credentials(opener)), opener)

    async def change(self, method: str, path: str, person: str, secret: str | None, form: Query = ()) -> None:
        """Send a change of what a person has chosen, with the values of a form. It says how something is to be.

        Raises:
            Refused: the university does not take it (400, 404). Forbidden: it does not let anybody do this.
            AuthFailed: the credentials are refused. SourceError: any other error.
        """
        url = URL(f"{URL(self._settings.api_url)}/api/v0/{path}", encoded=True)
        headers = self._acting_for(person, secret)
        accept = (*_JUDGED, HTTPStatus.NO_CONTENT)
        if method == "DELETE":
            reply = await self._http.delete(url, headers=headers, accept=accept, safe=True)
        else:
            body = urlencode(form)
            reply = await self._http.send_form(method, url, body, headers=headers, accept=accept, safe=method == "PUT")
        if reply.status in {HTTPStatus.OK, HTTPStatus.NO_CONTENT}:
            return
        if reply.status == HTTPStatus.UNAUTHORIZED:
            raise self._refused(reply, secret) or AuthFailed(f"{self.origin} refused the credentials.")
        why = _error_type(reply)
        if reply.status == HTTPStatus.FORBIDDEN:
            raise Forbidden(f"{self.origin} does not let Roosterbridge change what a person has chosen{why}.")
        if method == "DELETE" and reply.status == HTTPStatus.NOT_FOUND and not path.endswith("/options"):
            return  # it is gone, perhaps by this very request
        raise Refused(f"{self.origin} does not take this choice{why}.", str(reply.status))

    async def _get(self, path: str, query: Query, headers: dict[str, str], accept: Collection[int] = _JUDGED) -> Reply:
        url = URL(f"{URL(self._settings.api_url)}/api/v0/{path}", encoded=True)
        return await self._http.get(url, query=query, headers=headers, accept=accept)

    def _plain(self) -> dict[str, str]:
        return {"Accept": "application/json", "Accept-Language": self._settings.language}

    def _credentials(self, secret: str | None) -> dict[str, str]:
        if secret:
            return self._plain() | {"Authorization": f"Bearer {secret.strip()}"}
        if self._settings.api_token:
            return self._plain() | {"apiToken": self._settings.api_token.get_secret_value()}
        raise AuthFailed(f"{self.origin} needs an api_token in the settings.", needs_login=False)

    def _acting_for(self, person: str, secret: str | None) -> dict[str, str]:
        headers = self._credentials(secret)
        if not secret:
            headers["requestedAuth"] = self.username(person)
        return headers

    def _offered(self, reply: Reply, secret: str | None) -> Body | None:
        if reply.status == HTTPStatus.OK:
            return reply.body
        if reply.status in _NOT_OFFERED:
            return None
        raise self._refused(reply, secret) or BadResponse(
            f"{self.origin} gave an unexpected answer (HTTP {reply.status}){_error_type(reply)}."
        )

    def _no_person(self, reply: Reply, secret: str | None) -> SourceError:
        if refused := self._refused(reply, secret):
            return refused
        why = _error_type(reply)
        if reply.status == HTTPStatus.FORBIDDEN:
            return NoTimetable(
                f"{self.origin} does not know this person, or its api_token may not act for persons{why}."
            )
        return NoTimetable(f"{self.origin} does not know this person{why}.")

    def _no_key(self, reply: Reply, key: str, secret: str | None) -> SourceError:
        if refused := self._refused(reply, secret):
            return refused
        why = _error_type(reply)
        if reply.status == HTTPStatus.FORBIDDEN:
            return NotAllowed(f"The api_token for {self.origin} may not read the timetable {key}{why}.")
        if reply.status == HTTPStatus.BAD_REQUEST:
            return BadResponse(f"{self.origin} could not look for the timetable {key}{why}.")
        return NoTimetable(f"{self.origin} has no timetable {key}{why}.")

    def _refused(self, reply: Reply, secret: str | None) -> AuthFailed | None:
        """The error of a 401, and of a 403 to the account's own token, which may only lack a scope."""
        if secret and reply.status == HTTPStatus.FORBIDDEN:
            return NotAllowed(
                f"{self.origin} does not let the account's own access token read this{_error_type(reply)}."
            )
        if reply.status != HTTPStatus.UNAUTHORIZED:
            return None
        if secret:
            return AuthFailed(f"{self.origin} refused the account's own access token; give a new one.")
        return self._token_refused(reply)

    def _token_refused(self, reply: Reply) -> AuthFailed:
        return AuthFailed(
            f"{self.origin} refused the api_token of the settings{_error_type(reply)}.", needs_login=False
        )


def _days(window: Window, limit: int) -> list[tuple[str, str]]:
    query = [("startDate", window.start.isoformat()), ("endDate", window.end.isoformat())]
    return [*query, ("limit", str(limit))] if limit else query


def _error_type(reply: Reply) -> str:
    """The error type of an answer, in brackets, without its message, which may contain names."""
    try:
        answer = reply.json()
    except BadResponse:
        return ""
    word = answer.get("errorType") if isinstance(answer, dict) else None
    return f" ({word})" if isinstance(word, str) and _ERROR_TYPE.fullmatch(word) else ""
