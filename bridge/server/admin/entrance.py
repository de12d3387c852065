"""Who may see the operator's pages, and signing in with the admin token."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web
from yarl import URL

from bridge.server.operators import Operators
from bridge.server.pages.languages import message
from bridge.server.pages.protection import Handler, form_token, read_fields, read_form
from bridge.server.pages.rendering import Renderer
from bridge.server.sessions import Sessions, SignedIn
from bridge.store.users import User

HOME = "/admin"
_LONGEST_TOKEN = 4096
_MOST_DIGITS = 18
_SIGNED_IN = "signed-in"
"""Stands in the address that signing in leads to, until the browser shows its cookie there."""
_NO_COOKIES = message("Your browser keeps no cookies. Allow them for this address, and sign in again.")


@dataclass(frozen=True, slots=True)
class Round:
    """A request of an operator to one of their pages."""

    request: web.Request
    signed_in: SignedIn

    @property
    def operator(self) -> User | None:
        """Who the operator is; `None` for one who came with the admin token."""
        return self.signed_in.session.user

    @property
    def form(self) -> str:
        """What forms on the page carry."""
        return form_token(self.signed_in.token)

    async def posted(self) -> dict[str, str]:
        """The fields of the form that was sent, the last value of each. Raises HTTPForbidden for a form of others."""
        fields = await read_form(self.request, self.signed_in.token)
        return {name: values[-1] for name, values in fields.items() if values}

    def named(self, part: str) -> str:
        """A variable of the path, without white space at its ends."""
        return self.request.match_info[part].strip()

    def to(self, *steps: str, done: str = "") -> web.HTTPSeeOther:
        """Lead the browser to a page of the operator, which says what was done."""
        path = "/".join([HOME, *(quote(step, safe="") for step in steps)])
        return web.HTTPSeeOther(f"{path}{f'?done={done}' if done else ''}")


class Entrance:
    """Lets operators in, and nobody else."""

    def __init__(self, operators: Operators, sessions: Sessions, renderer: Renderer) -> None:
        self._operators = operators
        self._sessions = sessions
        self._renderer = renderer

    def only(self, handler: Callable[[Round], Awaitable[web.StreamResponse]]) -> Handler:
        """A handler for operators. Others get 404 where there can be none, the sign-in page with 401, or 403."""

        async def visited(request: web.Request) -> web.StreamResponse:
            if not await self._operators.welcome():
                raise web.HTTPNotFound
            signed_in = await self._sessions.current(request)
            if signed_in is not None and await self._operators.opens(signed_in.session):
                if _SIGNED_IN in request.query:
                    raise web.HTTPSeeOther(request.rel_url.without_query_params(_SIGNED_IN))
                return await handler(Round(request, signed_in))
            if signed_in is not None and not signed_in.session.operator:
                raise web.HTTPForbidden
            wanted = request.rel_url.raw_path_qs if request.method == "GET" else HOME
            return self._ask(request, wanted, _NO_COOKIES if _SIGNED_IN in request.query else "", 401)

        return visited

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        """Open a session with the admin token, and lead on to the page that was wanted."""
        operators = self._operators
        if not await operators.welcome():
            raise web.HTTPNotFound
        fields = await read_fields(request)
        token, wanted = (value if isinstance(value := fields.get(name), str) else "" for name in ("token", "wanted"))
        if operators.wait(request):
            return self._ask(request, wanted, message("Too many wrong tokens came from here. Wait a minute."), 429)
        token = token.strip()[:_LONGEST_TOKEN]
        if not await operators.admit(request, token):
            return self._ask(request, wanted, message("This is not the admin token."), 401)
        onward = web.HTTPSeeOther(URL(wanted if _is_ours(wanted) else HOME).update_query({_SIGNED_IN: ""}))
        await self._sessions.begin(request, onward, operator=True, opened_with=await operators.token_hash())
        raise onward

    async def sign_out(self, round_: Round) -> web.StreamResponse:
        """End the session."""
        await round_.posted()
        onward = web.HTTPSeeOther(HOME)
        await self._sessions.end(round_.request, onward)
        raise onward

    def _ask(self, request: web.Request, wanted: str, error: str, status: int) -> web.Response:
        wanted = wanted if _is_ours(wanted) else HOME
        page = self._renderer.page(request, "admin/sign_in.html", status=status, wanted=wanted, error=error)
        if wait := self._operators.wait(request):
            page.headers["Retry-After"] = str(wait)
        return page


def whole_number(text: str) -> int | None:
    """A number of a path or query; `None` for other texts, and for what no storage can hold."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def _is_ours(path: str) -> bool:
    """Whether a path leads to a page of operators, and not to another site."""
    return path == HOME or path.startswith((f"{HOME}/", f"{HOME}?"))
