"""Connecting a person with their schools, by the same steps as the commands."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from aiohttp import web

from bridge.errors import (
    AuthFailed,
    BridgeError,
    ChoiceNeeded,
    ConfigError,
    LoginMistake,
    SourceError,
    UnknownPerson,
)
from bridge.people.accounts import Wanted, add_account, remove_account
from bridge.people.feeds import add_feed
from bridge.people.logins import begin_login, find_account, finish_login
from bridge.server.lookups import FailedLookups
from bridge.server.pages.begun_logins import BegunLogins
from bridge.server.pages.languages import language_of, message
from bridge.server.pages.rendering import Renderer, worded
from bridge.server.pages.visits import Visit, Visitors
from bridge.server.services import Services
from bridge.store.account import StoredAccount
from bridge.store.choice import thing_of
from bridge.store.feed import NewFeed
from bridge.upstream.capabilities import LoginAttempt
from bridge.upstream.configured import ConfiguredSource

_MOST_WRONG = 5
_GENERALLY: tuple[tuple[type[BridgeError], str, str], ...] = (
    (AuthFailed, "secret", message("The school does not accept this. Check what you typed.")),
    (UnknownPerson, "identity", message("The school does not know this person. Check what you typed.")),
    (LoginMistake, "pasted", message("This is not what the login leads to. Paste the whole address.")),
    (SourceError, "", message("The school cannot be reached just now. Try again in a while.")),
    (BridgeError, "", message("Something is missing here, or is not right.")),
)
"""Where each error stands in a form, and what to say of it where its own sentence is not translated."""
_OTHERS = message(
    "Here you connect only yourself. If you have another name there, ask whoever looks after Roosterbridge."
)
_START_AGAIN = message("This login was begun elsewhere, or too long ago. Begin again.")


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person has filled in.

    `kept` is a secret, sealed, so that it need not be typed again nor shown. `single` is whether timetables of nobody
    can be read beside the login.
    """

    identity: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    kept: str = field(default="", repr=False)
    single: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page asks again: errors by field ("" for the whole form), and persons or timetables to choose from."""

    errors: Mapping[str, str] = field(default_factory=dict)
    choices: Sequence[tuple[str, str]] = ()
    chooses: str = "identity"


def own_language(visit: Visit) -> dict[str, str]:
    """The options of a new calendar of somebody who reads the pages in this language."""
    language = language_of(visit.request)
    return {} if language == "nl" else {"language": language}


class ConnectionPages:
    """The pages of connections."""

    def __init__(self, services: Services, renderer: Renderer, visitors: Visitors) -> None:
        self._services = services
        self._renderer = renderer
        self._wrong = FailedLookups(_MOST_WRONG)
        self._begun = BegunLogins(services, visitors)

    async def choose(self, visit: Visit) -> web.Response:
        """The schools that one can connect."""
        connected = {account.source for account in await self._services.store.accounts.all(user=visit.user.name)}
        sources = [at for at in self._services.sources.values() if at.type.accounts]
        sources.sort(key=lambda at: at.title.casefold())
        return self._renderer.page(visit.request, "connect.html", visit=visit, sources=sources, connected=connected)

    async def begin(self, visit: Visit) -> web.Response:
        """The first step of connecting a school."""
        at = self._source(visit)
        found = await find_account(self._services.store, visit.user.name, at.name, await self._which(visit, at))
        typed = Typed(found.identity, found.options) if found else Typed("" if at.claimable else visit.user.name)
        return self._form(visit, at, replace(typed, single=self._reads_single(at, found)), Asked())

    async def connect(self, visit: Visit) -> web.Response:
        """Begin a browser login, or connect with what was filled in."""
        at, given = self._source(visit), await visit.posted()
        before = await find_account(self._services.store, visit.user.name, at.name, await self._which(visit, at))
        single = given.get("do") == "single" and self._reads_single(at, before)
        if self._services.logs_in(at) and not single:
            attempt = await begin_login(self._services.store, at, visit.user.name)
            sealed = self._seal_attempt(visit, at, attempt, await self._which(visit, at))
            steps = web.HTTPSeeOther(f"{visit.request.path}/login?attempt={sealed}")
            self._begun.keep(steps, visit, at.name, sealed)
            raise steps
        options = {name: value for name in at.type.options.model_fields if (value := given.get(name, "").strip())}
        typed_secret = given.get("secret", "").strip() or self._kept(given.get("kept", ""), visit, at)
        secret = None if single else typed_secret
        identity = "" if single else given.get("identity", "").strip()
        typed = Typed(identity, options, self._seal(visit, at, secret=secret) if secret else "", single=single)
        services, name = self._services, await self._which(visit, at)
        if not (at.claimable or (secret and at.type.secret_help)):
            theirs = {visit.user.name.casefold(), before.identity.casefold() if before else ""}
            if identity and identity.casefold() not in theirs:
                return self._form(visit, at, typed, Asked({"identity": _OTHERS}))
        wanted = Wanted(visit.user.name, name=name, identity=identity or None, options=options)
        try:
            with self._attempt(visit):
                async with services.recorded(visit.user, "account add", thing_of(at.name, name)):
                    added = await add_account(services.store, at, wanted, services.clock, secret=secret or None)
        except BridgeError as error:
            return self._form(visit, at, typed, self._asked(visit, error))
        return await self._connected(visit, warned=added.warning is not None)

    async def log_in(self, visit: Visit) -> web.Response:
        """The steps of a browser login."""
        at, sealed = self._source(visit), visit.request.query.get("attempt", "")
        try:
            attempt, _ = self._open_attempt(sealed, visit, at)
        except LoginMistake:
            raise web.HTTPSeeOther(f"{visit.home}/connect/{at.name}") from None
        return self._steps(visit, at, attempt, sealed, "")

    async def finish(self, visit: Visit) -> web.Response:
        """Finish a browser login with what was pasted."""
        at, given = self._source(visit), await visit.posted()
        return await self._finish(visit, at, given.get("attempt", ""), given.get("pasted", ""))

    async def _finish(self, visit: Visit, at: ConfiguredSource, sealed: str, pasted: str) -> web.Response:
        services = self._services
        try:
            attempt, name = self._open_attempt(sealed, visit, at)
        except LoginMistake as error:
            return self._form(visit, at, Typed(), Asked({"": error.sentence}))
        wanted = Wanted(visit.user.name, name=name)
        try:
            with self._attempt(visit):
                async with services.recorded(visit.user, "account login", thing_of(at.name, name)):
                    added = await finish_login(services.store, at, wanted, attempt, pasted, services.clock)
        except ChoiceNeeded:
            raise web.HTTPSeeOther(f"{visit.home}/connect/{at.name}/people") from None
        except (LoginMistake, SourceError, UnknownPerson) as error:
            asked = self._asked(visit, error)
            return self._steps(visit, at, attempt, sealed, next(iter(asked.errors.values())))
        return await self._connected(visit, warned=added.warning is not None)

    async def come_back(self, request: web.Request) -> web.Response:
        """Finish a login that led here. A browser that does not know of it gets the address to copy."""
        address = f"{self._services.server.public_url}{request.rel_url}"
        begun = await self._begun.find(request)
        at = None if begun is None else self._services.sources.get(begun.source)
        if begun is None or at is None:
            return self._renderer.page(request, "callback.html", address=address)
        return await self._finish(begun.visit, at, begun.sealed, address)

    async def ask_remove(self, visit: Visit) -> web.Response:
        """Ask whether a connection shall go."""
        account = await self._connected_account(visit)
        title = self._services.title_of(account.source)
        title = f"{account.first_name or account.name} · {title}" if account.name else title
        return self._renderer.page(visit.request, "disconnect.html", visit=visit, title=title)

    async def remove(self, visit: Visit) -> web.Response:
        """Remove a connection, with what came from there."""
        await visit.posted()
        services, account = self._services, await self._connected_account(visit)
        at, source, name = services.sources.get(account.source), account.source, account.name
        async with services.recorded(visit.user, "account remove", thing_of(source, name)):
            await remove_account(services.store, at, visit.user.name, source, services.clock, name)
        await services.publisher.publish_for(visit.user.name)
        raise visit.back(done="disconnected")

    def _reads_single(self, at: ConfiguredSource, connected: StoredAccount | None) -> bool:
        """Whether timetables of nobody can be read beside the login; that takes no place of somebody's own."""
        free = connected is None or bool(connected.options)
        return self._services.logs_in(at) and bool(at.type.options.model_fields) and free

    async def _connected(self, visit: Visit, *, warned: bool) -> web.Response:
        """Lead back to the person's page. Whoever has no calendar yet gets one."""
        services = self._services
        if not await services.store.feeds.all(user=visit.user.name):
            new = NewFeed(options=own_language(visit))
            async with services.recorded(visit.user, "feed add", new.name):
                await add_feed(services.store, services.sources, visit.user.name, new, services.clock)
        await services.publisher.publish_for(visit.user.name)
        raise visit.back(done="waiting" if warned else "connected")

    def _source(self, visit: Visit) -> ConfiguredSource:
        """The source of the address. Raises HTTPNotFound."""
        at = self._services.sources.get(visit.request.match_info["source"])
        if at is None or not at.type.accounts:
            raise web.HTTPNotFound
        return at

    async def _connected_account(self, visit: Visit) -> StoredAccount:
        """The account of the address. Raises HTTPNotFound."""
        source, name = visit.request.match_info["source"], visit.request.query.get("as", "")
        found = await find_account(self._services.store, visit.user.name, source, name)
        if found is None:
            raise web.HTTPNotFound
        return found

    async def _which(self, visit: Visit, at: ConfiguredSource) -> str:
        """The name of the account that is connected: the one of the address, else one that is there, else none."""
        wanted = visit.request.query.get("as", "")
        names = [one.name for one in await self._services.store.accounts.all(user=visit.user.name, source=at.name)]
        return wanted if wanted in names else "" if "" in names else next(iter(names), "")

    @contextmanager
    def _attempt(self, visit: Visit) -> Iterator[None]:
        """Within it, something is asked of a school. Raises HTTPTooManyRequests after too much that was refused."""
        person = str(visit.user.id)
        if self._wrong.wait(person):
            raise web.HTTPTooManyRequests
        with self._wrong.attempt(person):
            yield

    def _asked(self, visit: Visit, error: BridgeError) -> Asked:
        """What to ask again because of an error; refused secrets and unknown persons are counted."""
        if isinstance(error, ChoiceNeeded):
            return Asked(choices=error.choices, chooses=error.option or "identity")
        if isinstance(error, AuthFailed | UnknownPerson):
            self._wrong.fail(str(visit.user.id))
        place, general = next((place, general) for kind, place, general in _GENERALLY if isinstance(error, kind))
        return Asked({place: worded(visit.request, error.sentence, general)})

    def _form(self, visit: Visit, at: ConfiguredSource, typed: Typed, asked: Asked) -> web.Response:
        status = 422 if asked.errors else 200
        return self._renderer.page(
            visit.request,
            "connect_form.html",
            status=status,
            visit=visit,
            at=at,
            typed=typed,
            asked=asked,
            logs_in=self._services.logs_in(at),
            fixed=not (at.claimable or at.type.secret_help),
        )

    def _steps(
        self, visit: Visit, at: ConfiguredSource, attempt: LoginAttempt, sealed: str, error: str
    ) -> web.Response:
        return self._renderer.page(
            visit.request,
            "connect_login.html",
            status=422 if error else 200,
            visit=visit,
            at=at,
            attempt=attempt,
            sealed=sealed,
            error=error,
        )

    def _seal_attempt(self, visit: Visit, at: ConfiguredSource, attempt: LoginAttempt, name: str) -> str:
        """A login attempt of an account as the browser keeps it: it survives a reload, and only we can read it."""
        secrets = {"state": attempt.state, "verifier": attempt.verifier}
        return self._seal(visit, at, address=attempt.address, name=name, **secrets)

    def _open_attempt(self, sealed: str, visit: Visit, at: ConfiguredSource) -> tuple[LoginAttempt, str]:
        """A login attempt, and the name of its account. Raises LoginMistake."""
        found = self._unseal(sealed, visit, at)
        attempt = LoginAttempt(found["address"], at.type.login_steps, found["state"], found["verifier"])
        return attempt, found.get("name", "")

    def _seal(self, visit: Visit, at: ConfiguredSource, **values: str) -> str:
        text = json.dumps({"user": str(visit.user.id), "source": at.name, **values})
        return self._services.store.credentials.cipher.encrypt(text)

    def _kept(self, sealed: str, visit: Visit, at: ConfiguredSource) -> str | None:
        """The secret that was typed before; `None` if there is none, or if it can no longer be read."""
        try:
            return self._unseal(sealed, visit, at).get("secret") if sealed else None
        except LoginMistake:
            return None

    def _unseal(self, sealed: str, visit: Visit, at: ConfiguredSource) -> dict[str, str]:
        """The values that were sealed for this person and source. Raises LoginMistake."""
        try:
            found: dict[str, str] = json.loads(self._services.store.credentials.cipher.decrypt(sealed))
        except (ConfigError, ValueError) as error:
            raise LoginMistake(_START_AGAIN) from error
        if (found["user"], found["source"]) != (str(visit.user.id), at.name):
            raise LoginMistake(_START_AGAIN)
        return found
