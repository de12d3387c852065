"""What a student chooses at the university: the timetables that they follow, and which groups of them."""

import uuid
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from bridge.errors import Refused, SourceError
from bridge.model.clock import Clock
from bridge.sources.mytimetable.catalogue import Catalogue
from bridge.sources.mytimetable.client import MyTimetableClient
from bridge.sources.mytimetable.lists import each, listed
from bridge.sources.mytimetable.lookup import Lookup
from bridge.sources.mytimetable.models import Option, Subscription
from bridge.sources.mytimetable.preferences import read_subscriptions
from bridge.sources.mytimetable.settings import MyTimetableSettings
from bridge.sources.mytimetable.tokens import Tokens
from bridge.upstream.contract import Account
from bridge.upstream.credential import CredentialSlot
from bridge.upstream.reply import parse_json
from bridge.upstream.writing import ChosenTimetable, Deed, FoundTimetable, TimetableOption, Write

_NO_PERSON = "no-person"
_SENTENCES: Mapping[str, tuple[str, str, str]] = {
    "400": (
        "De universiteit kent deze keuze niet.",
        "The university does not know this choice.",
        "L'université ne connaît pas ce choix.",
    ),
    "403": (
        "De universiteit laat Roosterbridge je keuzes niet veranderen.",
        "The university does not let Roosterbridge change your choices.",
        "L'université ne permet pas à Roosterbridge de changer vos choix.",
    ),
    "404": (
        "De universiteit heeft dit rooster niet, of je volgt het niet.",
        "The university does not have this timetable, or you do not follow it.",
        "L'université n'a pas cet horaire, ou vous ne le suivez pas.",
    ),
    _NO_PERSON: (
        "Deze koppeling leest losse roosters; daarvan valt bij de universiteit niets te kiezen.",
        "This account reads single timetables; of these nothing can be chosen at the university.",
        "Ce compte lit des horaires séparés ; rien ne peut y être choisi à l'université.",
    ),
}
_COLUMNS = ("nl", "en", "fr")


class ChoosesAtMyTimetable:
    """The part of the source that writes; see `bridge.upstream.writing.ChoosesTimetables`."""

    def __init__(
        self,
        settings: MyTimetableSettings,
        client: MyTimetableClient,
        catalogue: Catalogue,
        clock: Clock,
        tokens: Tokens,
    ) -> None:
        self._settings = settings
        self._client = client
        self._catalogue = catalogue
        self._clock = clock
        self._tokens = tokens

    def explain(self, code: str, language: str) -> str | None:
        """See `Writes.explain`. The codes are HTTP statuses."""
        sentences = _SENTENCES.get(code)
        return None if sentences is None else sentences[_COLUMNS.index(language)]

    async def search_timetables(
        self,
        account: Account,  # noqa: ARG002 - everybody finds the same
        slot: CredentialSlot,
        word: str,
    ) -> Sequence[FoundTimetable]:
        """See `ChoosesTimetables.search_timetables`."""

        async def search(secret: str | None) -> Sequence[FoundTimetable]:
            today = self._clock().astimezone(self._settings.zone).date()
            lookup = Lookup(self._catalogue, self._client.origin, today, kind="", filtered="", secret=secret)
            return tuple(FoundTimetable(key, name) for key, name in (await lookup.search(word)).items())

        return await self._tokens.use(slot, search)

    async def timetables(self, account: Account, slot: CredentialSlot) -> Sequence[ChosenTimetable]:
        """See `ChoosesTimetables.timetables`. Options come where the site tells them."""
        return await self._tokens.use(slot, lambda secret: self._chosen(account, secret))

    def plan_addition(self, account: Account, key: str) -> Write:
        """See `ChoosesTimetables.plan_addition`."""
        return self._plan(account, Deed.ADD_TIMETABLE, key)

    def plan_removal(self, account: Account, key: str) -> Write:
        """See `ChoosesTimetables.plan_removal`."""
        return self._plan(account, Deed.REMOVE_TIMETABLE, key)

    def plan_choice(self, account: Account, key: str, options: Sequence[str]) -> Write:
        """See `ChoosesTimetables.plan_choice`."""
        return self._plan(account, Deed.CHOOSE_TIMETABLE, key, tuple(dict.fromkeys(options)))

    async def write(self, account: Account, slot: CredentialSlot, write: Write, *, again: bool) -> Mapping[str, str]:  # noqa: ARG002 - each says how it is to be
        """See `Writes.write`. It is looked up first what there is, so that nothing is added or taken away twice."""
        await self._tokens.use(slot, lambda secret: self._write(account.person, secret, write))
        return {}

    async def _write(self, person: str, secret: str | None, write: Write) -> None:
        key = write.about["key"]
        if write.deed is Deed.CHOOSE_TIMETABLE:
            path = f"subscriptions/{_path(key)}/options"
            options = [("option", option) for option in write.content["options"]]
            await self._client.change("PUT" if options else "DELETE", path, person, secret, options)
            return
        parent, _, own = key.rpartition("/")
        body = await self._client.preference("subscriptions", person, secret)
        found = _by_key(read_subscriptions(body, self._client.origin)).get((parent, own))
        path = f"subscriptions/{_path(key)}"
        if write.deed is Deed.ADD_TIMETABLE and found is None:
            await self._client.change("POST", path, person, secret)
        elif write.deed is Deed.ADD_TIMETABLE and found is not None and not found.enabled:
            await self._client.change("PUT", path, person, secret, [("state", "true")])
        elif write.deed is Deed.REMOVE_TIMETABLE and found is not None:
            if found.removable and not parent:
                await self._client.change("DELETE", path, person, secret)
            elif found.enabled:
                await self._client.change("PUT", path, person, secret, [("state", "false")])

    async def _chosen(self, account: Account, secret: str | None) -> Sequence[ChosenTimetable]:
        body = await self._client.preference("subscriptions", account.person, secret)
        subscriptions = _by_key(read_subscriptions(body, self._client.origin))
        return tuple(
            [
                ChosenTimetable(
                    key=f"{parent}/{key}" if parent else key,
                    name=one.description,
                    enabled=one.enabled,
                    options=await self._options(parent, one, secret),
                )
                for (parent, key), one in subscriptions.items()
            ]
        )

    async def _options(self, parent: str, one: Subscription, secret: str | None) -> tuple[TimetableOption, ...]:
        path = f"timetables/{_path(f'{parent}/{one.key}' if parent else one.key)}/options"
        try:
            body = await self._client.of_site(path, secret, ())
            answer = None if body is None else parse_json(body, self._client.origin)
            options = () if answer is None else each(listed(answer, "options", self._client.origin), Option, "")
        except SourceError:
            return ()
        return tuple(
            TimetableOption(option.id, option.name, chosen=not one.options or option.id in one.options)
            for option in options
        )

    def _plan(self, account: Account, deed: Deed, key: str, options: Sequence[str] = ()) -> Write:
        if not account.person and account.options.get("timetables"):
            raise Refused(self.explain(_NO_PERSON, "en") or "", _NO_PERSON)
        if not {"", ".", ".."}.isdisjoint(key.strip().split("/")):  # in an address, it would lead elsewhere
            raise Refused(self.explain("400", "en") or "", "400")
        content = {"options": list(options)} if deed is Deed.CHOOSE_TIMETABLE else {}
        return Write(key=str(uuid.uuid4()), deed=deed, about={"key": key.strip()}, content=content)


def _path(key: str) -> str:
    """A key in a path; one below another stands after it."""
    return "/".join(quote(part, safe="") for part in key.split("/"))


def _by_key(subscriptions: Sequence[Subscription]) -> dict[tuple[str, str], Subscription]:
    """Subscriptions, and those below them, by the key of the parent and their own."""
    found = {("", one.key): one for one in subscriptions}
    return found | {(one.key, child.key): child for one in subscriptions for child in one.children}
