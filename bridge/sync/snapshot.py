"""Fetch and read the parts of an account."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from bridge import __version__
from bridge.errors import SourceError
from bridge.model.event import Event, Kind, Part, clean_event
from bridge.model.names import Names, name_event
from bridge.model.window import Window
from bridge.settings.schema import SourceSettings
from bridge.upstream.contract import Account, Answer, Reading, Source, join_readings
from bridge.upstream.credential import CredentialSlot
from bridge.upstream.fingerprint import fingerprint

_YEARS = range(1900, 2201)  # outside of them calendars and time zones are unreliable


@dataclass(frozen=True, slots=True)
class Delivered:
    """A part that was delivered: all events of the upstream within `covered`, or within `window` if that is `None`.

    `window` is what was requested; events outside of it are removed. `answers` has the digests of the answers by name,
    so that an equal answer need not be read again. `skipped` counts items that could not be read. `names` are the
    names of a register.
    """

    events: tuple[Event, ...]
    window: Window
    answers: Mapping[str, str]
    skipped: int = 0
    covered: tuple[Window, ...] | None = None
    names: Names | None = None

    @property
    def unchanged(self) -> bool:
        """Whether all answers are equal to those of last time."""
        return self.covered == ()


Outcome = Delivered | SourceError
"""What became of a part; one that did not come stays as it was."""


async def take_snapshot(
    source: Source,
    settings: SourceSettings,
    account: Account,
    slot: CredentialSlot,
    window: Window,
    known: Mapping[Part, Mapping[str, str]],
    names: Names | None = None,
) -> dict[Part, Outcome]:
    """Fetch from `source` and read the answers, except those whose digests are in `known`, by part and name.

    Only events that overlap `window` are delivered, with the names in `names`. Of two events with the same kind and
    identity the last is used. An event outside of the years 1900 to 2200 counts as unreadable.
    """
    mark = fingerprint(__version__, settings.as_text, repr((account.person, account.options)), repr(names))
    outcomes: dict[Part, Outcome] = {}
    for part, answered in (await source.fetch(account, slot, window)).items():
        if isinstance(answered, SourceError):
            outcomes[part] = answered
            continue
        answers = (answered,) if isinstance(answered, Answer) else answered
        digests = {one.name: fingerprint(mark, part, str(one.window or window), one.fingerprint) for one in answers}
        fresh = [one for one in answers if known.get(part, {}).get(one.name) != digests[one.name]]
        if not fresh:
            outcomes[part] = Delivered((), window, digests, covered=())
            continue
        try:
            reading = join_readings([source.read(part, one.payload, account) for one in fresh])
        except SourceError as error:
            outcomes[part] = error
        else:
            delivered = _delivered(reading, window, settings.zone, names)
            covered = tuple(one.window for one in fresh if one.window is not None)
            whole = len(covered) < len(fresh)
            outcomes[part] = replace(delivered, answers=digests, covered=None if whole else covered)
    return outcomes


def _delivered(reading: Reading, window: Window, zone: ZoneInfo, names: Names | None) -> Delivered:
    unique: dict[tuple[Kind, str], Event] = {}
    far = 0
    for event in reading.events:
        if event.when.start.year not in _YEARS or event.when.end.year not in _YEARS:
            far += 1
        elif window.overlaps(event.when, zone):
            tidy = clean_event(event if names is None else name_event(event, names))
            unique[tidy.kind, tidy.identity] = tidy
    return Delivered(tuple(unique.values()), window, {}, reading.skipped + far, names=reading.names)
