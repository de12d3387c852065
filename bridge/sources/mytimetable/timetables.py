"""The answers of an account's timetables, parsed once: near days, and far ones if they were due."""

from dataclasses import dataclass
from functools import cached_property

from bridge.model.window import Window
from bridge.sources.mytimetable.mapping import Stretch, read_timetables
from bridge.sources.mytimetable.preferences import Preferences
from bridge.sources.mytimetable.settings import MyTimetableSettings
from bridge.sources.mytimetable.weeks import WeekNames
from bridge.upstream.contract import Answer, Reading
from bridge.upstream.fingerprint import fingerprint
from bridge.upstream.http import Body

_NEAR = "near"


@dataclass(frozen=True)
class Timetables:
    """The payload of the answers. `far` has all days; `near` has the near ones, which it replaces.

    `subscriptions` and `groups` belong to a personal timetable; `None` for what the site does not offer.
    """

    near: Stretch
    far: Stretch | None
    subscriptions: Body | None
    groups: Body | None
    weeks: Body | None
    settings: MyTimetableSettings
    origin: str

    def answers(self) -> list[Answer]:
        """An answer for the near days, and one for all days if they were requested."""
        found = [Answer(self, self._fingerprint(self.near), _NEAR, self.near.window)]
        if self.far is not None:
            mark = self._fingerprint(self.near, self.far)
            found.append(Answer(self, mark, far_name(self.near.window), self.far.window))
        return found

    @cached_property
    def reading(self) -> Reading:
        """The events of all days in the answers. Raises BadResponse."""
        preferences = Preferences.of(self.subscriptions, self.groups, reads=self.settings.reads, origin=self.origin)
        return read_timetables(
            [self.near] if self.far is None else [self.near, self.far],
            zone=self.settings.zone,
            origin=self.origin,
            preferences=preferences,
            weeks=None if self.weeks is None else WeekNames.of(self.weeks, self.origin),
        )

    def _fingerprint(self, *stretches: Stretch) -> str:
        bodies = [self.subscriptions, self.groups, self.weeks]
        for stretch in stretches:
            bodies += [stretch.personal, *stretch.single]
        return fingerprint(*("" if body is None else body for body in bodies))


def far_name(near: Window) -> str:
    """The name of the answer about all days.

    It is a new one each week: the far days are read again when other days are near, so that an id that recurs every
    few weeks is distinguished by the day in both.
    """
    return f"all, near from {near.start}"
