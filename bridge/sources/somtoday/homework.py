"""How homework is requested: from the first near day on, and from the beginning of the window if far weeks are due."""

from collections.abc import Sequence
from datetime import date

from bridge.errors import Forbidden
from bridge.model.clock import Clock
from bridge.model.event import Part
from bridge.model.window import Window
from bridge.sources.somtoday.agenda import Homework, Stretch
from bridge.sources.somtoday.assignments import OF_WEEK
from bridge.sources.somtoday.client import SomtodayClient
from bridge.sources.somtoday.mapping.homework import LISTS
from bridge.sources.somtoday.models import Restrictions
from bridge.sources.somtoday.settings import SomtodaySettings
from bridge.upstream.contract import Account
from bridge.upstream.credential import CredentialSlot
from bridge.upstream.pace import Pace
from bridge.upstream.reply import Body


class HomeworkReader:
    """Requests the homework lists that the school shows.

    The list for weeks always begins with the window: its homework may have begun long ago. Which lists a school has
    shown is remembered: one that it refuses later takes no homework along.
    """

    def __init__(self, client: SomtodayClient, settings: SomtodaySettings, clock: Clock) -> None:
        self._client = client
        self._settings = settings
        self._clock = clock

    async def fetch(
        self, account: Account, slot: CredentialSlot, window: Window, shown: Restrictions, *, whole: bool
    ) -> Homework:
        """Request homework: that of all of `window` if it has to be `whole`, else that of its near days.

        Raises:
            Forbidden: the school does not show homework.
            SourceError: a request failed.
        """
        near = Pace.at(self._clock(), self._settings).near.within(window)
        first = window.start if whole else near.start
        lists: dict[str, Sequence[Body]] = {}
        lacking = False
        for name in LISTS if shown.huiswerkBekijkenAan else ():
            try:
                day = window.start if name == OF_WEEK else first
                lists[name] = await self._client.assignments(slot, name, account.person, day)
            except Forbidden:
                lacking = lacking or name in account.remembered.get(Part.HOMEWORK, {})
        return self._homework(lists, account, window, first, lacking=lacking)

    async def complete(
        self, homework: Homework, stretches: Sequence[Stretch | None], account: Account, slot: CredentialSlot
    ) -> Homework:
        """The homework of all `stretches`: `homework`, or what is requested again if that does not reach far enough.

        Raises:
            SourceError: a request failed.
        """
        if all(homework.is_whole_for(stretch) for stretch in stretches):
            return homework
        window = homework.window
        lists = {
            name: pages if name == OF_WEEK else await self._client.assignments(slot, name, account.person, window.start)
            for name, pages in homework.lists.items()
        }
        return self._homework(lists, account, window, window.start, lacking=homework.lacking)

    def _homework(
        self, lists: dict[str, Sequence[Body]], account: Account, window: Window, first: date, *, lacking: bool
    ) -> Homework:
        if not lists:
            raise Forbidden(f"{self._client.origin} does not show the {Part.HOMEWORK} of this pupil.")
        zone = self._settings.zone
        today = self._clock().astimezone(zone).date()
        return Homework(lists, window, first, today, account.person, zone, self._client.origin, lacking)
