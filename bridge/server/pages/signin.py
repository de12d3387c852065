"""Signing in with the school's own account, joining it with a page that one holds, and signing out."""

from dataclasses import asdict
from datetime import timedelta
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from bridge.errors import BridgeError, LoginMistake, NameTaken, SourceError
from bridge.people.signin.arrivals import Arrival, NotJoined, NotKnown
from bridge.people.signin.claims import Claims
from bridge.people.signin.provider import Proof, SignIn
from bridge.server.pages.languages import language_of, message
from bridge.server.pages.protection import check_form, form_token, read_fields
from bridge.server.pages.rendering import Renderer, worded
from bridge.server.pages.visits import ME, Visit
from bridge.server.routes import SIGN_IN, SIGN_OUT
from bridge.server.sealing import NotOurs, Sealer
from bridge.server.services import Services, SignInServices
from bridge.store.users import User

_BEGUN, _PROOF = "sign-in", "sign-out"
_MINUTES = timedelta(minutes=30)
_YEAR = timedelta(days=400)
_LARGEST_COOKIE = 3800
_AWAY = message("The school's sign-in does not work just now. Try again in a while.")
_GENERAL = message("This sign-in did not work. Begin again.")
log = structlog.get_logger()


class SignInPages:
    """The pages of sign-in. What was begun, the browser keeps in a cookie that only we can read."""

    def __init__(self, services: Services, sign_in: SignInServices, renderer: Renderer) -> None:
        self._services = services
        self._sign_in = sign_in
        self._provider = sign_in.provider
        self._renderer = renderer
        cipher, clock = services.store.cipher, services.clock
        self._begun = Sealer(cipher, _BEGUN, _MINUTES, clock)
        self._joining = Sealer(cipher, "join", _MINUTES, clock)
        self._proof = Sealer(cipher, _PROOF, _YEAR, clock)

    async def begin(self, request: web.Request) -> web.Response:
        """Lead to the provider."""
        return await self._begin(request, None)

    async def begin_to_join(self, visit: Visit) -> web.Response:
        """Lead to the provider, to join the account there with this page."""
        return await self._begin(visit.request, visit.user)

    async def _begin(self, request: web.Request, joins: User | None) -> web.Response:
        try:
            begun = await self._provider.begin()
        except SourceError as error:
            return self._failed(request, error)
        response = web.HTTPSeeOther(begun.address)
        sealed = self._begun.seal(
            state=begun.state, nonce=begun.nonce, verifier=begun.verifier, joins=None if joins is None else joins.id
        )
        self._keep(response, _BEGUN, sealed, SIGN_IN, _MINUTES)
        raise response

    async def come_back(self, request: web.Request) -> web.Response:
        """Sign in who was led back by the provider, or ask whether to join a page."""
        try:
            begun = self._begun.open(request.cookies.get(_BEGUN, ""))
            attempt = SignIn("", begun["state"], begun["nonce"], begun["verifier"])
            proof = await self._provider.finish(attempt, request.query, self._sign_in.needs)
            if begun["joins"] is not None:
                return await self._ask_join(request, proof, await self._user(begun["joins"]))
            arrival = await self._sign_in.arrivals.arrive(proof.claims, language_of(request))
        except (BridgeError, NotOurs) as error:
            return self._failed(request, error)
        raise await self._welcome(request, arrival, proof.token)

    async def _ask_join(self, request: web.Request, proof: Proof, user: User) -> web.Response:
        claims = proof.claims
        sealed = self._joining.seal(claims=asdict(claims), user=user.id, proof=proof.token)
        school = claims.values.get("email") or claims.title or claims.subject
        form = form_token(request.cookies[_BEGUN])
        return self._renderer.page(request, "signin_join.html", user=user, school=school, sealed=sealed, form=form)

    async def join(self, request: web.Request) -> web.Response:
        """Join an account of the provider with a page, and sign in."""
        given = await read_fields(request)
        check_form(str(given.get("form", "")), request.cookies.get(_BEGUN, ""))
        try:
            joining = self._joining.open(str(given.get("sealed", "")))
            user = await self._user(joining["user"])
            arrival = await self._sign_in.arrivals.join(Claims(**joining["claims"]), user, language_of(request))
        except (BridgeError, NotOurs) as error:
            return self._failed(request, error)
        raise await self._welcome(request, arrival, joining["proof"])

    async def ask_sign_out(self, request: web.Request) -> web.Response:
        """Ask whether to sign out, here and at the provider."""
        signed_in = await self._services.sessions.current(request)
        if signed_in is None:
            raise web.HTTPSeeOther("/")
        there = urlsplit(await self._sign_out_address(request) or "")
        leads_to = f"{there.scheme}://{there.netloc}" if there.netloc else ""
        form = form_token(signed_in.token)
        return self._renderer.page(request, "signout.html", form=form, place=there.hostname or "", leads_to=leads_to)

    async def sign_out(self, request: web.Request) -> web.Response:
        """Sign out here, then at the provider."""
        signed_in = await self._services.sessions.current(request)
        if signed_in is None:
            raise web.HTTPSeeOther("/")
        check_form(str((await read_fields(request)).get("form", "")), signed_in.token)
        response = web.HTTPSeeOther(await self._sign_out_address(request) or "/")
        await self._services.sessions.end(request, response)
        response.del_cookie(_PROOF, path=SIGN_OUT)
        raise response

    async def _sign_out_address(self, request: web.Request) -> str | None:
        """Where to sign out at the provider; `None` if it has no such page, or is away."""
        try:
            token = self._proof.open(request.cookies.get(_PROOF, ""))["token"]
        except NotOurs:
            token = None
        try:
            return await self._provider.sign_out_address(token, f"{self._services.server.public_url}/")
        except SourceError as error:
            log.warning("signout.provider_away", why=error.sentence)
            return None

    async def _welcome(self, request: web.Request, arrival: Arrival, token: str) -> web.HTTPSeeOther:
        """Sign in here, and lead to the page of who signed in."""
        if arrival.user is not None:
            await self._services.publisher.publish_for(arrival.user.name)
        response = web.HTTPSeeOther("/admin" if arrival.user is None else f"/m/{ME}")
        await self._services.sessions.begin(
            request,
            response,
            user=arrival.user,
            operator=arrival.operator,
            opened_with=self._sign_in.admins_hash if arrival.operator else None,
        )
        response.del_cookie(_BEGUN, path=SIGN_IN)
        self._keep(response, _PROOF, self._proof.seal(token=token), SIGN_OUT, _YEAR)
        return response

    async def _user(self, number: int) -> User:
        user = await self._services.store.users.find(number)
        if user is None:
            raise web.HTTPGone
        return user

    def _keep(self, response: web.StreamResponse, name: str, sealed: str, path: str, lasting: timedelta) -> None:
        if len(sealed) > _LARGEST_COOKIE:  # browsers keep no larger one; the proof of a sign-out may be missing
            return
        secure = self._services.server.public_url.startswith("https:")
        age = int(lasting.total_seconds())
        response.set_cookie(name, sealed, path=path, max_age=age, httponly=True, samesite="Lax", secure=secure)

    def _failed(self, request: web.Request, error: BridgeError | NotOurs) -> web.Response:
        """A page that says why somebody is not signed in, and what to do."""
        if isinstance(error, NotOurs):
            error = LoginMistake("This sign-in was begun in another browser, or too long ago. Begin again.")
        if isinstance(error, SourceError):
            log.warning("signin.failed", why=error.sentence)
        status = {NotKnown: 403, NotJoined: 403, NameTaken: 409, LoginMistake: 400}.get(type(error), 503)
        sentence = worded(request, error.sentence, _AWAY if isinstance(error, SourceError) else _GENERAL)
        again = not isinstance(error, NotKnown | NotJoined)
        return self._renderer.page(request, "signin_failed.html", status=status, sentence=sentence, again=again)
