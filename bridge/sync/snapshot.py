"""One fetch of one account: asked for, read, and told apart from the last one."""

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

_YEARS = range(1900, 2201)  # beyond them neither calendars nor time zones are to be relied on


@dataclass(frozen=True, slots=True)
class Delivered:
    """A part that came: all events that the upstream has within `covered`; `None`: within all of `window`.

    `window` is what was asked for: what lies out of it is not wanted any more. `answers` names the answers that came,
    by their own names, so that the same answer need not be read again. `skipped` counts items that could not be read.
    `names` is what things are called, where that is what was asked.
    """

    events: tuple[Event, ...]
    window: Window
    answers: Mapping[str, str]
    skipped: int = 0
    covered: tuple[Window, ...] | None = None
    names: Names | None = None

    @property
    def unchanged(self) -> bool:
        """Whether every answer is the one that was read last time: there was nothing to read."""
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
    """Ask `source` and read what came; an answer whose digest is in `known`, by part and name, is not read again.

    Only events that overlap `window` are delivered, under the names that things have in `names`; of two items of one
    kind with one identity the last counts. An event that reaches out of the years 1900 to 2200 counts as one that
    could not be read.
    """
    told = fingerprint(__version__, settings.as_text, repr((account.person, account.options)), repr(names))
    outcomes: dict[Part, Outcome] = {}
    for part, answered in (await source.fetch(account, slot, window)).items():
        if isinstance(answered, SourceError):
            outcomes[part] = answered
            continue
        answers = (answered,) if isinstance(answered, Answer) else answered
        digests = {one.name: fingerprint(told, part, str(one.window or window), one.fingerprint) for one in answers}
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
