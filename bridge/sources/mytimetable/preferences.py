"""What a person has switched off at MyTimetable: subscriptions and types of events. Pure."""

from collections.abc import Callable, Collection, Iterable, Mapping

from bridge.errors import BadResponse
from bridge.sources.mytimetable.lists import each, listed
from bridge.sources.mytimetable.models import EventTypeGroup, Subscription, TimetableEvent
from bridge.upstream.http import Body, parse_json


class Preferences:
    """Which events of a personal timetable its person wants to see. Without any, that is all of them."""

    def __init__(
        self, followed: Mapping[tuple[str, str], bool] | None = None, hidden_groups: Collection[str] = ()
    ) -> None:
        """Remember which timetables are `followed`, by parent and key and whether enabled, and which types are not."""
        self._hidden_groups = frozenset(filter(None, hidden_groups))
        self._enabled: dict[str, bool] = {}  # one that is followed more than once is shown if it is enabled anywhere
        self._children: dict[str, set[str]] = {}
        for (parent, key), enabled in (followed or {}).items():
            self._enabled[key] = self._enabled.get(key, False) or enabled
            if parent != key:
                self._children.setdefault(parent, set()).add(key)

    @classmethod
    def of(
        cls, subscriptions: Body | None, groups: Body | None, *, reads: Callable[[str], bool], origin: str
    ) -> "Preferences":
        """From the answers of /subscriptions and /eventtypegroups; `None` for one that the site does not offer.

        Subscriptions of a type that is not read, by the settings, count as switched off.

        Raises:
            BadResponse: one is not what the document promises.
        """
        return cls(
            {} if subscriptions is None else _followed(_subscriptions(subscriptions, origin), reads),
            () if groups is None else _hidden(groups, origin),
        )

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


def _hidden(body: Body, origin: str) -> set[str]:
    answer = parse_json(body, origin)
    groups = each(listed(answer, "eventtypegroups", origin), EventTypeGroup, origin)
    if answer.get("filteringEnabled") is not True:
        return set()
    return {group.id for group in groups if group.filtered or group.filtered_for_sync}
