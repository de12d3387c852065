"""The source: holidays without requests."""

from collections.abc import Mapping
from datetime import timedelta

from bridge.errors import SourceError
from bridge.model.clock import Clock
from bridge.model.event import Part
from bridge.model.window import Window
from bridge.sources.holidays.library import Days, days_around
from bridge.sources.holidays.mapping import read_holidays
from bridge.sources.holidays.settings import HolidaysSettings
from bridge.upstream.contract import Account, Answer, Reading
from bridge.upstream.credential import CredentialSlot
from bridge.upstream.fingerprint import fingerprint

_YEAR = timedelta(days=365)


class HolidaysSource:
    """The holidays that the settings choose; see `bridge.upstream.contract.Source`."""

    def __init__(self, settings: HolidaysSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    @property
    def _place(self) -> str:
        return " ".join(filter(None, (self._settings.country, self._settings.region)))

    async def check(self) -> str:
        """See `Source.check`. Says how many holidays are ahead."""
        window = Window.around(self._clock(), self._settings.zone, past=timedelta(0), future=_YEAR)
        events = read_holidays(self._days(window))
        ahead = sum(window.overlaps(event.when, self._settings.zone) for event in events)
        return f"{self._place}: {ahead} holiday{'' if ahead == 1 else 's'} in the coming year"

    async def connect(self, identity: str | None, account: Account, slot: CredentialSlot) -> Account:  # noqa: ARG002 - nobody has to be named
        """See `Source.connect`. Holidays have no persons."""
        return account

    async def fetch(
        self,
        account: Account,  # noqa: ARG002 - the same days for everybody
        slot: CredentialSlot,  # noqa: ARG002 - the same days for everybody
        window: Window,
    ) -> Mapping[Part, Answer | SourceError]:
        """See `Source.fetch`. All holidays around `window`."""
        days = self._days(window)
        return {Part.HOLIDAYS: Answer(days, fingerprint(repr(days)))}

    def read(self, part: Part, payload: Days, account: Account) -> Reading:  # noqa: ARG002 - the same days for everybody
        """See `Source.read`."""
        return Reading(read_holidays(payload))

    def _days(self, window: Window) -> Days:
        settings = self._settings
        return days_around(
            window,
            country=settings.country,
            region=settings.region,
            chosen=settings.categories,
            language=settings.language,
        )
