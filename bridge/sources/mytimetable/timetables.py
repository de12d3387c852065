"""The answers of an account's timetables, parsed once: near days, and far ones if they were due."""

from dataclasses import dataclass, replace
from functools import cached_property

from bridge.sources.mytimetable.mapping import Stretch, read_timetables
from bridge.sources.mytimetable.preferences import Preferences
from bridge.sources.mytimetable.settings import MyTimetableSettings
from bridge.sources.mytimetable.weeks import WeekNames
from bridge.upstream.contract import Answer, Reading
from bridge.upstream.fingerprint import fingerprint

NEAR, FAR = "near", "far"


@dataclass(frozen=True)
class Timetables:
    """The payload of the answers. `far` has all days; `near` has the near ones, which it replaces.

    `far` is read again when other days are near, so that an id that recurs every few weeks is distinguished by the day
    in both.

    `preferences` are about a personal timetable.
    """

    near: Stretch
    far: Stretch | None
    preferences: Preferences
    weeks: WeekNames
    settings: MyTimetableSettings
    origin: str

    def answers(self) -> list[Answer]:
        """An answer for the near days, and one for all days if they were requested."""
        near = Answer(
            self,
            self._fingerprint(self.near),
            NEAR,
            self.near.window,
            choice=self.preferences.fingerprint,
        )
        if self.far is None:
            return [near]
        mark, window = self._fingerprint(self.near, self.far), self.far.window
        return [near, replace(near, fingerprint=mark, name=FAR, window=window)]

    @cached_property
    def reading(self) -> Reading:
        """The events of all days in the answers. Raises BadResponse."""
        return read_timetables(
            [self.near] if self.far is None else [self.near, self.far],
            zone=self.settings.zone,
            origin=self.origin,
            preferences=self.preferences,
            weeks=self.weeks,
        )

    def _fingerprint(self, *stretches: Stretch) -> str:
        bodies = [body for stretch in stretches for body in (stretch.personal, *stretch.single)]
        told = ("" if body is None else body for body in bodies)
        days = str(self.near.window)
        return fingerprint(days, self.preferences.fingerprint, self.weeks.fingerprint, *told)
