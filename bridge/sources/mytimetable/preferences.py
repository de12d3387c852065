"""What a person has switched off at MyTimetable: subscriptions and types of events. Pure."""

from collections.abc import Callable, Iterable
from functools import cached_property

from pydantic import ValidationError

from bridge.errors import BadResponse
from bridge.sources.mytimetable.lists import each, listed
from bridge.sources.mytimetable.models import EventTypeGroup, Line, Subscription, TimetableEvent, Tolerant
from bridge.upstream.http import Body, parse_json


class _Followed(Tolerant):
    key: Line
    parent: Line = ""
    enabled: bool


class Preferences(Tolerant):
    """Which events of a personal timetable its person wants to see. Without any, that is all of them.

    `document` gives them as bytes that are the same as long as nothing that matters has changed; `of` reads those.
    """

    followed: tuple[_Followed, ...] = ()
    hidden_groups: tuple[Line, ...] = ()

    @classmethod
    def told(
        cls, subscriptions: Body | None, groups: Body | None, *, reads: Callable[[str], bool], origin: str
    ) -> "Preferences":
        """From the answers of /subscriptions and /eventtypegroups; none for one that the site does not offer.

        Subscriptions of a type that is not read, by the settings, count as switched off.

        Raises:
            BadResponse: one is not what the document promises.
        """
        followed = {} if subscriptions is None else _followed(_subscriptions(subscriptions, origin), reads)
        return cls(
            followed=tuple(
                _Followed(key=key, parent=parent, enabled=enabled)
                for (parent, key), enabled in sorted(followed.items())
            ),
            hidden_groups=() if groups is None else _hidden(groups, origin),
        )

    @classmethod
    def of(cls, documents: Iterable[bytes], origin: str) -> "Preferences":
        """From what `document` gave; the last counts. Raises BadResponse."""
        found = cls()
        for document in documents:
            try:
                found = cls.model_validate(parse_json(document, origin))
            except ValidationError as error:
                raise BadResponse(f"{origin} sent preferences that cannot be read.") from error
        return found

    def document(self) -> bytes:
        """These preferences, to be kept beside the timetable that they are about."""
        return self.model_dump_json().encode()

    def wants(self, event: TimetableEvent) -> bool:
        """Whether the person has switched on a timetable that the event is part of, and its type.

        A subscription that is none of theirs hides nothing; where a child's timetable has the event too, the child
        speaks for its parent. Options of a subscription are the server's own to respect: events do not tell them.
        """
        if event.event_type.group in self._hidden_groups:
            return False
        keys = set(event.keys)
        speaking = [key for key in keys if not self._children.get(key, set()) & keys]
        return not speaking or any(self._enabled.get(key, True) for key in speaking)

    @cached_property
    def _hidden_groups(self) -> frozenset[str]:
        return frozenset(filter(None, self.hidden_groups))

    @cached_property
    def _enabled(self) -> dict[str, bool]:
        """By key: a timetable that is followed more than once is shown if it is enabled anywhere."""
        found: dict[str, bool] = {}
        for followed in self.followed:
            found[followed.key] = found.get(followed.key, False) or followed.enabled
        return found

    @cached_property
    def _children(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for followed in self.followed:
            if followed.parent != followed.key:
                found.setdefault(followed.parent, set()).add(followed.key)
        return found


def _subscriptions(body: Body, origin: str) -> list[Subscription]:
    answer = parse_json(body, origin)
    if not isinstance(answer, list):
        raise BadResponse(f"{origin} sent something else than a list of subscriptions.")
    return each(answer, Subscription, origin)


def _followed(subscriptions: Iterable[Subscription], reads: Callable[[str], bool]) -> dict[tuple[str, str], bool]:
    """Whether it is enabled, by parent and key: a child is not where its parent is not."""
    found: dict[tuple[str, str], bool] = {}
    waiting = [("", reads(subscription.kind), subscription) for subscription in subscriptions]
    while waiting:
        parent, shown, subscription = waiting.pop()
        enabled = shown and subscription.enabled
        found[parent, subscription.key] = found.get((parent, subscription.key), False) or enabled
        waiting += [(subscription.key, enabled, child) for child in subscription.children]
    return found


def _hidden(body: Body, origin: str) -> tuple[str, ...]:
    answer = parse_json(body, origin)
    groups = each(listed(answer, "eventtypegroups", origin), EventTypeGroup, origin)
    if answer.get("filteringEnabled") is not True:
        return ()
    return tuple(sorted({group.id for group in groups if group.filtered or group.filtered_for_sync}))
