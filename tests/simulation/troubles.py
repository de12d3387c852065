"""What goes wrong: at the very moments at which a host sends something or uses the storage."""

from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import timedelta
from math import inf
from random import Random

from tests.simulation.host import Host
from tests.simulation.loop import SimulatedLoop
from tests.simulation.school import Fate, School
from tests.simulation.witness import Trouble, Witness

_LONG = (2.0, 20.0, 150.0, 400.0)
_RESTART = (1.0, 60.0, 900.0)
_PAUSES = (0.0, 1.0, 10.0, 3600.0, 7200.0)
_SHORT_PAUSES = (0.0, 1.0, 10.0)
_STORMS = (60.0, 900.0, 5400.0)
_AT_WORK = 10
"""So many times more likely are troubles of the storage while somebody works."""


@dataclass(frozen=True, slots=True)
class Likelihood:
    """How likely troubles are: of a host, when it sends or uses the storage; of the school, for each request."""

    sending: float
    storing: float
    request: float
    storm: float

    @classmethod
    def of(cls, chance: Random) -> "Likelihood":
        """One of many: some days are quiet, some are not."""
        often = chance.choice([0.3, 1.0, 3.0])
        return cls(sending=0.05 * often, storing=0.002 * often, request=0.03 * often, storm=0.005 * often)


STANDING_STILL = Likelihood(sending=0.3, storing=0.003, request=0.0, storm=0.0)
"""Of days on which nothing happens but that hosts stand still, often."""


class Troubles:
    """The troubles of a world, until a moment. `start` begins another life of a host.

    If hosts `only_stand_still`, they do so often, and the school forgives a token that comes twice.
    """

    def __init__(
        self,
        loop: SimulatedLoop,
        school: School,
        witness: Witness,
        chance: Random,
        until: float,
        start: Callable[[Host], None],
        *,
        only_stand_still: bool = False,
    ) -> None:
        self._loop = loop
        self._school = school
        self._witness = witness
        self._chance = chance
        self._until = until
        self._start = start
        self._likely = STANDING_STILL if only_stand_still else Likelihood.of(chance)
        self._context = copy_context()
        self._next = 0.0
        self._troubled: set[str] = set()
        self._of_hosts = [self._freeze, self._die, self._lose_storage, self._lose_confirmations, self._cut, self._end]
        self._pauses = _SHORT_PAUSES if only_stand_still else _PAUSES
        if only_stand_still:
            self._of_hosts = [self._freeze]
        school.club.forgiving = only_stand_still or chance.random() < 0.5

    def begin(self) -> None:
        """Let the school be as it is on such a day, and lessons change."""
        self._school.likely = self._fates(self._likely.request)
        self._later(self._until, self._calm)
        self._change_soon()

    def storing(self, host: Host) -> None:
        """A host uses the storage."""
        self._perhaps(host, self._likely.storing * (_AT_WORK if self._witness.somebody_works else 1))

    def sending(self, host: Host) -> None:
        """A host sends something to the school."""
        self._perhaps(host, self._likely.sending)
        if self._loop.time() < self._until and self._chance.random() < self._likely.storm:
            self._storm()

    def _perhaps(self, host: Host, likelihood: float) -> None:
        now = self._loop.time()
        calm = not self._next <= now < self._until or host.standing.still or host.name in self._troubled
        if not calm and self._chance.random() < likelihood:
            self._next = now + self._chance.choice(self._pauses)
            self._troubled.add(host.name)
            self._chance.choice(self._of_hosts)(host)

    def _later(self, seconds: float, do: Callable[..., object], *args: object) -> None:
        self._loop.call_later(seconds, do, *args, context=self._context)

    def _for_a_while(self, host: Host, end: Callable[[Host], None], seconds: float | None = None) -> None:
        """Note the trouble of a host, and let it end in time."""
        now = self._loop.time()
        lasts = min(self._chance.choice(_LONG) if seconds is None else seconds, self._until - now)
        self._witness.troubles.append(Trouble(now, now + lasts, host.name))
        self._later(lasts, self._well, host, end)

    def _well(self, host: Host, end: Callable[[Host], None]) -> None:
        self._troubled.discard(host.name)
        end(host)

    def _freeze(self, host: Host) -> None:
        host.standing.still = True
        self._for_a_while(host, lambda host: host.standing.go_on())
        self._later(self._chance.choice(_LONG) / 2, self._change)

    def _die(self, host: Host) -> None:
        host.standing.still = True
        now = self._loop.time()
        self._witness.troubles.append(Trouble(now, inf, host.name))
        self._later(min(self._chance.choice(_RESTART), self._until - now), self._start, host)

    def _lose_storage(self, host: Host) -> None:
        host.connection.away = True

        def back(host: Host) -> None:
            host.connection.away = False

        self._for_a_while(host, back)

    def _lose_confirmations(self, host: Host) -> None:
        host.connection.unconfirmed = True

        def back(host: Host) -> None:
            host.connection.unconfirmed = False

        self._for_a_while(host, back, self._chance.choice([0.0, 0.1, 3.0]))

    def _cut(self, host: Host) -> None:
        host.standing.cut = True

        def back(host: Host) -> None:
            host.standing.cut = False

        self._for_a_while(host, back)

    def _end(self, host: Host) -> None:
        """It is replaced, as by an upgrade."""
        self._witness.troubles.append(Trouble(self._loop.time(), inf, host.name))
        self._loop.create_task(host.stop(), context=self._context)
        self._later(min(self._chance.choice(_RESTART), self._until - self._loop.time()), self._start, host)

    def _fates(self, likelihood: float) -> dict[Fate, float]:
        return {fate: likelihood / len(Fate) for fate in Fate}

    def _storm(self) -> None:
        fates = self._chance.sample(list(Fate), 2)
        self._school.likely = dict.fromkeys(fates, self._chance.choice([0.2, 0.5]))
        if self._chance.random() < 0.5:
            self._school.club.log_out()
        self._later(min(self._chance.choice(_STORMS), self._until - self._loop.time()), self._clear)

    def _clear(self) -> None:
        if self._loop.time() < self._until:
            self._school.likely = self._fates(self._likely.request)

    def _calm(self) -> None:
        self._school.likely = {}

    def _change_soon(self) -> None:
        self._later(self._chance.expovariate(1 / 9000), self._change_again)

    def _change_again(self) -> None:
        self._change()
        self._change_soon()

    def _change(self) -> None:
        """A lesson is added, moved or called off."""
        if self._loop.time() >= self._until:
            return
        club = self._school.club
        lesson = self._chance.choice(club.ahead())
        match self._chance.randrange(3):
            case 0:
                shift = timedelta(minutes=self._chance.randrange(5, 120))
                club.put(replace(lesson, start=lesson.start + shift, end=lesson.end + shift))
            case 1:
                identity = f"added at {self._loop.time():.0f}"
                club.put(replace(lesson, id=identity, title=identity, start=lesson.start - timedelta(hours=3)))
            case _ if len(club.ahead()) > 10:
                club.lessons.pop(lesson.id)
        self._school.note_lessons()
