"""Look up the keys of timetables by words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from unicodedata import combining, normalize

from bridge.errors import ChoiceNeeded, ConfigError
from bridge.sources.mytimetable.catalogue import MOST_FOUND, Catalogue, covering
from bridge.sources.mytimetable.models import Database, FilterOption, Timetable, TimetableType
from bridge.sources.mytimetable.options import FILTER, TIMETABLES, TYPE, HostKey
from bridge.upstream.http import Query


@dataclass(frozen=True, slots=True)
class _Found:
    timetable: Timetable
    kind: TimetableType
    database: Database

    def is_exactly(self, word: str) -> bool:
        names = (self.timetable.key, self.timetable.description, self.timetable.host_key)
        return word.casefold() in {name.casefold() for name in names}


@dataclass(frozen=True)
class Lookup:
    """A lookup in the databases of the academic year of `day`, if the site says which they are.

    `kind` is the only type of timetables to search, `filtered` a filter with its value, such as `department=Law`. Both
    may be empty. `secret` is as in `Catalogue`.
    """

    catalogue: Catalogue
    origin: str
    day: date
    kind: str
    filtered: str
    secret: str | None

    async def keys(self, given: Sequence[str]) -> Mapping[str, str]:
        """The keys in `given`, which contain `!` or are host keys, and those that its words find, each once, in order.

        Those that were found have their names for people, the others an empty one.

        A word that finds nothing is kept, since it may be an unusual key.

        Raises:
            ChoiceNeeded: a word finds several, or the type or the value of the filter is unknown. A choice is the whole
                value of its option.
            ConfigError: the filter is unknown.
            SourceError: the lookup failed.
        """
        keys, names = list(given), dict.fromkeys(given, "")
        for place, word in enumerate(given):
            if "!" in word or HostKey.of(word) is not None:
                continue
            found = await self._find(word)
            chosen = [one for one in found if one.is_exactly(word)] or found
            if len(chosen) > 1:
                some = "; these are some of them" if len(chosen) >= MOST_FOUND else ""
                raise ChoiceNeeded(
                    f"{self.origin} finds several timetables by one word{some}; choose one by its key.",
                    tuple((_joined(keys, place, one.timetable.key), self._described(one, chosen)) for one in chosen),
                    option=TIMETABLES,
                )
            if chosen:
                keys[place] = chosen[0].timetable.key
                names[keys[place]] = self._described(chosen[0], chosen)
        return {key: names[key] for key in keys}

    async def search(self, word: str) -> Mapping[str, str]:
        """The timetables that a word finds, by key, with their names. Raises SourceError."""
        found = await self._find(word)
        return {one.timetable.key: self._described(one, found) for one in found}

    async def _find(self, word: str) -> list[_Found]:
        databases = covering(await self.catalogue.databases(self.secret), self.day) or [Database(key="")]
        found: dict[str, _Found] = {}
        kinds = await self._kinds()
        known = not (kinds and self.filtered)
        for kind in kinds:
            for database in databases:
                filters = await self._filters(kind, database)
                if filters is None:
                    continue
                known = True
                for timetable in await self.catalogue.timetables(kind.name, word, database.key, self.secret, filters):
                    if _fits(timetable, word):
                        found.setdefault(timetable.key, _Found(timetable, kind, database))
        if not known:
            raise ConfigError(f"{self.origin} has no filter {self.filtered.partition('=')[0]} for these timetables.")
        return list(found.values())

    async def _kinds(self) -> list[TimetableType]:
        kinds = await self.catalogue.types(self.secret)
        if kinds and self.kind and self.kind not in {kind.name for kind in kinds}:
            raise ChoiceNeeded(
                f"{self.origin} has no timetables of this type; choose another.",
                tuple((kind.name, kind.description) for kind in kinds),
                option=TYPE,
            )
        return [kind for kind in kinds if self.kind in {"", kind.name}]

    async def _filters(self, kind: TimetableType, database: Database) -> Query | None:
        """The parameters for the filter; `None` if timetables of this type do not have it."""
        if not self.filtered:
            return ()
        name, _, value = (part.strip() for part in self.filtered.partition("="))
        options = [
            option
            for found in await self.catalogue.filters(kind.name, database.key, self.secret)
            if found.name == name
            for option in found.options
        ]
        if not options:
            return None
        fitting = [option for option in options if value.casefold() in _names(option)]
        if len(fitting) != 1:
            raise ChoiceNeeded(
                f"{self.origin} has several values of the filter {name}; choose one.",
                tuple((f"{name}={option.value}", option.name) for option in fitting or options),
                option=FILTER,
            )
        return [(f"{name}Filter", fitting[0].value)]

    @staticmethod
    def _described(found: _Found, among: Sequence[_Found]) -> str:
        """The name of `found` for people, different from those of the others."""
        timetable = found.timetable
        name = f"{found.kind.description or found.kind.name}: {timetable.description or timetable.host_key}"
        if timetable.host_key not in {"", timetable.description}:
            name += f" ({timetable.host_key})"
        several = len({one.database.key for one in among}) > 1
        return f"{name}, {found.database.label or found.database.key}" if several else name


def _fits(timetable: Timetable, word: str) -> bool:
    """Whether it has each part of `word`: before MyTimetable 2.3 a site gives all timetables, whatever the word."""
    known = _folded(f"{timetable.description} {timetable.host_key}")
    return word.casefold() == timetable.key.casefold() or all(piece in known for piece in _folded(word).split())


def _folded(text: str) -> str:
    """`text` without accents, in small letters."""
    return "".join(letter for letter in normalize("NFKD", text) if not combining(letter)).casefold()


def _joined(keys: Sequence[str], place: int, key: str) -> str:
    return ",".join([*keys[:place], key, *keys[place + 1 :]])


def _names(option: FilterOption) -> set[str]:
    return {text.casefold() for text in (option.value, option.name, option.host_key)}
