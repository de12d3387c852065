"""The source: a personal timetable, single timetables, or both, and notices."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from pydantic import ValidationError

from bridge.errors import (
    AuthFailed,
    BridgeError,
    ConfigError,
    Forbidden,
    NotOffered,
    RateLimited,
    SourceError,
    UnknownPerson,
)
from bridge.model.clock import Clock
from bridge.model.event import Part
from bridge.model.window import Window
from bridge.sources.mytimetable.catalogue import Catalogue, academic_year, year_end
from bridge.sources.mytimetable.client import MyTimetableClient, NotAllowed, NoTimetable
from bridge.sources.mytimetable.lookup import Lookup
from bridge.sources.mytimetable.mapping import Stretch, items_of
from bridge.sources.mytimetable.models import Subscription, User
from bridge.sources.mytimetable.notices import read_messages, read_terms
from bridge.sources.mytimetable.options import TIMETABLES, MyTimetableOptions
from bridge.sources.mytimetable.preferences import Preferences, read_hidden_groups, read_subscriptions
from bridge.sources.mytimetable.settings import MyTimetableSettings
from bridge.sources.mytimetable.subscriptions import ChoosesAtMyTimetable
from bridge.sources.mytimetable.timetables import FAR, Timetables
from bridge.sources.mytimetable.tokens import Tokens
from bridge.sources.mytimetable.weeks import WeekNames
from bridge.upstream.contract import Account, Answer, Answers, Reading, join_readings
from bridge.upstream.credential import CredentialSlot
from bridge.upstream.fingerprint import fingerprint
from bridge.upstream.further import Further
from bridge.upstream.pace import Pace
from bridge.upstream.reply import Body, parse_json
from bridge.upstream.shared_fetch import SharedFetch

_YEAR = re.compile(r"(\d{4})!")
_SUBSCRIPTIONS, _GROUPS = "subscriptions", "eventtypegroups"


@dataclass(frozen=True, slots=True)
class Notices:
    """The answers with messages to the person and the terms of the university, in the academic year from `year`."""

    messages: Body | None
    terms: Body | None
    year: int


class MyTimetable(ChoosesAtMyTimetable):
    """A university; see `bridge.upstream.contract.Source`."""

    def __init__(
        self,
        settings: MyTimetableSettings,
        client: MyTimetableClient,
        shared: SharedFetch,
        clock: Clock,
        tokens: Tokens,
    ) -> None:
        super().__init__(settings, client, Catalogue(client, shared), clock, tokens)
        self._shared = shared

    async def check(self) -> str:
        """See `Source.check`. Without an `api_token` only accounts with a token of their own work."""
        await self._client.reach()
        if self._settings.api_token:
            return "reachable, API token accepted"
        return "reachable; without an api_token each account needs an access token of its own"

    async def connect(self, identity: str | None, account: Account, slot: CredentialSlot) -> Account:
        """See `Source.connect`. `identity` is a user name. An event of today is requested as a test.

        Words in the option `timetables` become keys. An account with an access token or a login needs no `identity`; it
        is listed under the site's name of its person.

        Raises:
            UnknownPerson: also if somebody else logged in, or if the `api_token` may not read personal timetables: the
                answer is the same.
        """
        named = (identity or "").strip()
        connected = replace(account, person="" if slot.access else named)
        self._require_complete(connected, slot)
        connected = await self._tokens.use(slot, lambda secret: self._connected(connected, secret))
        if slot.access and named and connected.called and not self._is_called(connected.called, named):
            raise UnknownPerson(f"{self._client.origin} knows who logged in by another user name.")
        return connected

    async def _connected(self, connected: Account, secret: str | None) -> Account:
        named = await self._keys(connected, secret)
        keys = tuple(named)
        if keys != _options(connected).wanted:
            connected = replace(connected, options={TIMETABLES: ",".join(keys)})
        today = self._today()
        try:
            found = await self._stretch(connected, secret, keys, Window(today, _after(today)), limit=1)
            for body in (found.personal, *found.single):
                if body is not None:
                    items_of(body, self._client.origin)
        except NoTimetable as error:
            raise UnknownPerson(error.sentence) from error
        if secret and not connected.person:
            connected = replace(connected, called=await self._called(secret))
        followed = () if found.personal is None else await self._followed(connected.person, secret)
        return replace(connected, found=tuple(dict.fromkeys(filter(None, (*followed, *named.values())))))

    async def _followed(self, person: str, secret: str | None) -> tuple[str, ...]:
        """The names of the timetables in a personal one; empty if the site does not tell."""
        try:
            followed = self._subscriptions(await self._client.preference(_SUBSCRIPTIONS, person, secret))
        except SourceError:
            return ()
        return tuple(one.description for one in followed if one.enabled and self._settings.reads(one.kind))

    def _is_called(self, username: str, named: str) -> bool:
        return username.casefold() in {named.casefold(), self._client.username(named).casefold()}

    async def fetch(self, account: Account, slot: CredentialSlot, window: Window) -> Mapping[Part, Answers]:
        """See `Source.fetch`. If the near days of a timetable fail, the schedule fails.

        Far days, the person's preferences and the names of weeks are further requests. When the university refuses the
        credentials or asks for fewer requests, nothing more is requested.
        """
        try:
            return await self._tokens.use(slot, lambda secret: self._parts(account, secret, window))
        except SourceError as error:
            return dict.fromkeys((Part.SCHEDULE, Part.NOTICES), error)

    async def _parts(self, account: Account, secret: str | None, window: Window) -> Mapping[Part, Answers]:
        """Each part. Raises AuthFailed if the login of the person is refused."""
        further = Further(account.remembered.get(Part.SCHEDULE, {}))
        schedule = await _outcome(self._schedule(account, secret, window, further))
        if isinstance(schedule, AuthFailed) and schedule.needs_login:
            raise schedule
        if isinstance(schedule, AuthFailed | RateLimited) and not isinstance(schedule, NotAllowed):
            return dict.fromkeys((Part.SCHEDULE, Part.NOTICES), schedule)
        if further.limit is not None:
            return {Part.SCHEDULE: schedule, Part.NOTICES: further.limit}
        return {Part.SCHEDULE: schedule, Part.NOTICES: await _outcome(self._notices(account, secret))}

    def read(self, part: Part, payload: Timetables | Notices, account: Account) -> Reading:  # noqa: ARG002 - the payload tells both
        """See `Source.read`."""
        zone, origin = self._settings.zone, self._client.origin
        if isinstance(payload, Notices):
            found = []
            if payload.messages is not None:
                found.append(read_messages(payload.messages, zone=zone, origin=origin, until=year_end(payload.year)))
            if payload.terms is not None:
                found.append(read_terms(payload.terms, zone=zone, origin=origin))
            return join_readings(found)
        return payload.reading

    async def _schedule(self, account: Account, secret: str | None, window: Window, further: Further) -> Answers:
        try:
            keys = tuple(await self._keys(account, secret))
        except SourceError:
            raise
        except BridgeError as error:
            raise NoTimetable(error.sentence) from error
        pace = Pace.at(self._clock(), self._settings)
        near = pace.near.within(window)
        found = await self._stretch(account, secret, keys, near)
        before = preferences = Preferences()
        if found.personal is not None:
            before = self._remembered_preferences(further)
            preferences = await self._preferences(account.person, secret, further)
        far = None
        due = pace.is_due_this_week(FAR, account, (Part.SCHEDULE,)) or preferences.fingerprint != before.fingerprint
        if near != window and due:
            far = await further.attempt(lambda: self._stretch(account, secret, keys, window), what="days further away")
        weeks = await self._weeks(secret, further) if self._settings.week_labels else None
        timetables = Timetables(found, far, preferences, weeks or WeekNames(), self._settings, self._client.origin)
        return further.told_with(timetables.answers())

    async def _preferences(self, person: str, secret: str | None, further: Further) -> Preferences:
        def preference(path: str) -> Callable[[], Awaitable[Body]]:
            return lambda: self._client.preference(path, person, secret)

        followed = await further.ask(
            _SUBSCRIPTIONS, preference(_SUBSCRIPTIONS), self._subscriptions, what="followed timetables"
        )
        hidden = await further.ask(_GROUPS, preference(_GROUPS), self._hidden_groups, what="hidden types")
        return Preferences.of(followed or (), hidden or (), reads=self._settings.reads)

    def _remembered_preferences(self, further: Further) -> Preferences:
        """The preferences in the last good answers."""
        followed = further.last(_SUBSCRIPTIONS, self._subscriptions)
        hidden = further.last(_GROUPS, self._hidden_groups)
        return Preferences.of(followed or (), hidden or (), reads=self._settings.reads)

    def _subscriptions(self, body: Body) -> list[Subscription]:
        return read_subscriptions(body, self._client.origin)

    def _hidden_groups(self, body: Body) -> frozenset[str]:
        return read_hidden_groups(body, self._client.origin)

    async def _weeks(self, secret: str | None, further: Further) -> WeekNames | None:
        def ask() -> Awaitable[Body]:
            return self._catalogue.week_labels(secret)

        return await further.ask(
            "weeklabels", ask, lambda body: WeekNames.of(body, self._client.origin), what="names of weeks"
        )

    async def _notices(self, account: Account, secret: str | None) -> Answers:
        messages = terms = None
        further = Further(account.remembered.get(Part.NOTICES, {}))
        if account.person or secret:
            messages = await self._client.of_person("user/messages", account.person, secret)
        if self._settings.terms:
            terms = await further.ask("terms", lambda: self._terms(secret), self._readable_terms, what="terms")
        year = academic_year(self._today())
        if messages is not None or terms is not None or further.notes:
            told = fingerprint(messages or "", terms or "", str(year))
            return further.told_with(Answer(Notices(messages, terms, year), told))
        if account.person or secret:
            raise Forbidden(f"{self._client.origin} does not offer messages here.")
        raise Forbidden(f"{self._client.origin} has messages only for persons, and this account has none.")

    async def _terms(self, secret: str | None) -> Body:
        if (body := await self._catalogue.terms(secret)) is None:
            raise NotOffered(f"{self._client.origin} does not offer its terms here.")
        return body

    def _readable_terms(self, body: Body) -> Body:
        read_terms(body, zone=self._settings.zone, origin=self._client.origin)
        return body

    async def _stretch(
        self, account: Account, secret: str | None, keys: tuple[str, ...], window: Window, limit: int = 0
    ) -> Stretch:
        """Request the days of every timetable of the account, one after the other, until one fails."""
        personal = None
        if account.person or not keys:
            personal = await self._client.personal(account.person, secret, window, limit=limit)
        return Stretch(window, personal, tuple([await self._single(key, secret, window, limit) for key in keys]))

    async def _single(self, key: str, secret: str | None, window: Window, limit: int) -> Body:
        """A single timetable, shared with other accounts unless it needs the person's own token."""

        async def ask() -> Body:
            return await self._client.single(key, secret, window, limit=limit)

        try:
            if secret:
                return await ask()
            return await self._shared.get((key, window, limit, self._settings.language), ask)
        except NoTimetable as error:
            year = _YEAR.match(key)
            if year and int(year[1]) < academic_year(self._today()):
                raise NoTimetable(
                    f"{self._client.origin} no longer has the timetable {key}: it is of a past year, and keys change "
                    "every year; add the account again with this year's."
                ) from error
            raise

    async def _called(self, secret: str) -> str:
        """The user name of a token's person; empty if the site does not have it."""
        try:
            body = await self._client.of_person("user", "", secret)
            return "" if body is None else User.model_validate(parse_json(body, self._client.origin)).username
        except AuthFailed:
            raise
        except (SourceError, ValidationError):
            return ""

    async def _keys(self, account: Account, secret: str | None) -> Mapping[str, str]:
        """The keys of the account's single timetables, each once, in order, with names; see `Lookup.keys`."""
        options = _options(account)
        return await Lookup(
            self._catalogue,
            self._client.origin,
            self._today(),
            kind=options.type,
            filtered=options.filter,
            secret=secret,
        ).keys(options.wanted)

    def _today(self) -> date:
        return self._clock().astimezone(self._settings.zone).date()

    def _require_complete(self, account: Account, slot: CredentialSlot) -> None:
        origin = self._client.origin
        if not slot.secret and not self._settings.api_token:
            raise ConfigError(
                f"{origin} has no api_token in the settings; an account there needs a login, where the university has "
                "one: `account login`, or an access token of its own: --secret-stdin."
            )
        if not (account.person or _options(account).wanted or slot.secret):
            raise ConfigError(
                f"An account at {origin} needs a person or timetables: give --identity USERNAME or "
                "--option timetables=KEY."
            )
        if not (account.person + (slot.secret or "").strip()).isprintable():
            raise ConfigError(f"The user name or access token for {origin} is not one line of text.")


async def _outcome(answer: Awaitable[Answers]) -> Answers:
    try:
        return await answer
    except SourceError as error:
        return error


def _options(account: Account) -> MyTimetableOptions:
    return MyTimetableOptions.model_validate(account.options)


def _after(day: date) -> date:
    return day + timedelta(days=1)
