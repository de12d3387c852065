"""What must hold, whatever happens: watched while it happens, and looked at afterwards."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import pairwise, takewhile

from tests.club.server import LESSONS
from tests.simulation.loop import Standing
from tests.simulation.school import Request, School
from tests.simulation.storage import Inside

_TOKEN = re.compile(rb"refresh_token=([^&\s]+)")
_BEARER = re.compile(rb"Authorization: Bearer (\S+)")
_LEASE = 120.0
_REFRESH = 60.0
"""Longer than a refresh takes, with all that is tried again."""
_RECOVERY = 15.0
"""Longer than a host waits before it starts again, and than the lease of a refresh lasts."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """When something was not as usual, and for which host; `None` for all."""

    since: float
    until: float
    host: str | None


@dataclass
class Witness:
    """Notes what is wrong, in sentences."""

    inside: Inside
    school: School
    seconds: Callable[[], float]
    now: Callable[[], float]
    wrong: list[str] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    _sent: dict[str, tuple[float, str]] = field(default_factory=dict)
    _kept: set[str] = field(default_factory=set)
    somebody_works: bool = False
    _secrets: set[str] = field(default_factory=set)
    _spent: set[str] = field(default_factory=set)
    _refreshed: dict[int, int | None] = field(default_factory=dict)
    _timetable: dict[int, int] = field(default_factory=dict)
    _events: dict[tuple[int, str], tuple[int, bool]] = field(default_factory=dict)

    def heard(self, host: Standing, piece: bytes) -> None:
        """A host sends something."""
        if found := _TOKEN.search(piece):
            token, now = found[1].decode(), self.seconds()
            if token not in self.inside.secrets():
                self._tell(f"{host.name} sends a token whose answer is kept")
            at, other = self._sent.get(token, (-_LEASE, host.name))
            excused = self.troubled(at, now, other) or self._was_refused(token, at)
            if other != host.name and now - at < _LEASE and not excused:
                self._tell(f"{host.name} sends a token that {other} sent {now - at:.0f} s ago")
            self._sent[token] = (now, host.name)
        if found := _BEARER.search(piece):
            self._kept |= self.inside.secrets()
            if self.school.granted.get(found[1].decode(), "") not in self._kept:
                self._tell(f"{host.name} uses an answer that is not kept")

    def _was_refused(self, token: str, since: float) -> bool:
        """Whether a token was answered otherwise than with a new one: then it may be tried again."""
        return any(
            request.token == token
            and request.at >= since
            and request.status is not None
            and (request.fate is not None or request.status != HTTPStatus.OK)
            for request in self.school.requests
        )

    def written(self) -> None:
        """Something was perhaps written: no older answer may be kept over a newer one."""
        if not self.inside.changed():
            return
        self.somebody_works = self.inside.works()
        secrets = self.inside.secrets()
        if secrets != self._secrets:
            if secrets & self._spent:
                self._tell("a spent token is kept again")
            age = {token: number for number, token in enumerate(self.school.granted.values())}
            newest = max((age.get(token, -1) for token in self._secrets - secrets), default=-1)
            if any(age.get(token, -1) < newest for token in secrets - self._secrets):
                self._tell("an older token is kept over a newer one")
            self._spent |= self._secrets - secrets
            self._secrets = secrets
        refreshed = self.inside.refreshed()
        for account in {account for account, at in refreshed.items() if at != self._refreshed.get(account)}:
            self._look_at_timetable(account)
        self._refreshed = refreshed

    def _look_at_timetable(self, account: int) -> None:
        starts = self.inside.starts(account)
        versions = [version for version, told in enumerate(self.school.timetables) if told == starts]
        if versions and versions[-1] < self._timetable.get(account, 0):
            self._tell(f"an older answer is kept over a newer one, for account {account}")
        self._timetable[account] = max(versions, default=0)

    def troubled(self, since: float, until: float, host: str) -> bool:
        """Whether something was not as usual for a host."""
        return any(one.since <= until and one.until >= since and one.host in {None, host} for one in self.troubles)

    def trouble_is_fresh(self) -> bool:
        """Whether a trouble has just ended or a request has just failed: somebody may wait to try again."""
        now = self.seconds()
        ended = any(now - _RECOVERY <= one.until <= now for one in self.troubles)
        recent = takewhile(lambda request: request.at >= now - _REFRESH / 2, reversed(self.school.requests))
        return ended or any(request.fate or request.status != HTTPStatus.OK for request in recent)

    def look(self) -> None:
        """Look at the storage."""
        if self.inside.dead() - self.school.refused:
            self._tell("a login is called dead that the school has not refused")
        events = self.inside.events()
        if gone := self._events.keys() - events.keys():
            self._tell(f"{len(gone)} events are gone")
        self._events = events

    def look_finally(self, fresh_since: float, interval: float, skew: float) -> None:
        """Look at everything, when there has been no trouble for two intervals."""
        self.look()
        for identity, state, failures, last_ok, due in self.inside.accounts():
            waits = failures > 2 and due > self.now() - _REFRESH
            if state not in {"ok", "login-needed"} and not waits:
                self._tell(f"{identity} is {state}")
            if state == "ok" and (last_ok is None or last_ok < fresh_since - skew):
                self._tell(f"{identity} is not fresh")
        told = self.school.timetables[-1]
        kept = defaultdict(list)
        for (account, _), (start, cancelled) in self._events.items():
            if not cancelled:
                kept[account].append(start)
        for number, (identity, state, *_) in enumerate(self.inside.accounts(), start=1):
            if state == "ok" and sorted(kept[number]) != told:
                self._tell(f"{identity} has other lessons than the school")
        self._look_at_requests(interval, skew)

    def look_at_log(self, entries: Sequence[Mapping[str, object]]) -> None:
        """Look for what nobody expected."""
        for entry in entries:
            if entry.get("exc_info"):
                self._tell(f"logged: {entry['event']}")

    def _look_at_requests(self, interval: float, skew: float) -> None:
        asked = defaultdict(list)
        for request in self.school.requests:
            if request.path == LESSONS:
                asked[request.member].append(request)
        for member, requests in asked.items():
            for one, other in pairwise(requests):
                soon = other.at - one.at < interval - skew - 1
                woke = self.troubled(other.at - _REFRESH, other.at, other.host)
                if soon and not (woke or self._recovers(one)):
                    self._tell(
                        f"{member} is asked for again by {other.host}, {other.at - one.at:.0f} s after {one.host}"
                    )

    def _recovers(self, one: Request) -> bool:
        """Whether the refresh of a request may have failed."""
        same = [
            request
            for request in self.school.requests
            if request.host == one.host and request.member in {"", one.member} and abs(request.at - one.at) < _REFRESH
        ]
        failed = any(request.fate or request.status != HTTPStatus.OK for request in same)
        return failed or self.troubled(one.at - _REFRESH, one.at + _REFRESH, one.host)

    def _tell(self, sentence: str) -> None:
        self.wrong.append(f"{self.seconds():.3f} s: {sentence}")
