"""Who is signed in: the session that a browser's cookie names."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aiohttp import web

from bridge.model.clock import Clock
from bridge.store.sessions import Session, SessionStore
from bridge.store.users import User

COOKIE = "session"
_TOUCHED_EVERY = timedelta(hours=1)
_KEPT = 400 * 86_400  # as long as browsers keep a cookie; the storage knows when it ends


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session, with the token that the cookie of its browser has. Forms carry what `form_token` makes of that."""

    session: Session
    token: str = field(repr=False)


class Sessions:
    """Opens, finds and ends the sessions of browsers."""

    def __init__(self, store: SessionStore, clock: Clock, lasting: timedelta, *, secure: bool) -> None:
        """Create it. A session ends when it was not used for `lasting`; `secure` is whether pages come by https."""
        self._store = store
        self._clock = clock
        self._lasting = lasting
        self._secure = secure

    async def begin(
        self,
        request: web.BaseRequest,
        response: web.StreamResponse,
        *,
        user: User | None = None,
        operator: bool = False,
        opened_with: str | None = None,
    ) -> SignedIn:
        """Sign in: open a session, of a user or an operator or who is both, in place of the one that the browser had.

        `opened_with` is the hash of the admin token, for a session that ends with it.
        """
        await self._store.end(request.cookies.get(COOKIE, ""))
        signed_in = await self.open(user=user, operator=operator, opened_with=opened_with)
        self.remember(response, signed_in)
        return signed_in

    async def open(
        self, *, user: User | None = None, operator: bool = False, opened_with: str | None = None
    ) -> SignedIn:
        """Open a session that no browser has yet; see `begin`."""
        now = self._clock()
        token = await self._store.open(now, user=user, operator=operator, opened_with=opened_with)
        return SignedIn(Session(user, operator, opened_with, now, now), token)

    def remember(self, response: web.StreamResponse, signed_in: SignedIn) -> None:
        """Give a session to the browser that gets the response."""
        flags: dict[str, Any] = {"httponly": True, "samesite": "Lax", "secure": self._secure}
        response.set_cookie(COOKIE, signed_in.token, max_age=_KEPT, path="/", **flags)

    async def current(self, request: web.BaseRequest) -> SignedIn | None:
        """The session of the browser that sent a request; `None` if nobody is signed in there."""
        token = request.cookies.get(COOKIE, "")
        now = self._clock()
        session = await self._store.find(token, since=now - self._lasting) if token else None
        if session is None:
            return None
        if now - session.seen > _TOUCHED_EVERY:
            await self._store.touch(token, now)
        return SignedIn(session, token)

    async def end(self, request: web.BaseRequest, response: web.StreamResponse) -> None:
        """Sign out."""
        await self._store.end(request.cookies.get(COOKIE, ""))
        response.del_cookie(COOKIE, path="/", httponly=True, samesite="Lax", secure=self._secure)
