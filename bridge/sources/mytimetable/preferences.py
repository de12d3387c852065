"""The subscriptions and types of events that a person has switched off. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from bridge.errors import BadResponse
from bridge.sources.mytimetable.lists import each, listed
from bridge.sources.mytimetable.models import EventTypeGroup, Subscription, TimetableEvent
from bridge.upstream.fingerprint import fingerprint
from bridge.upstream.reply import Body, parse_json


class Preferences:
    """Which events of a personal timetable the person wants to see; without preferences all of them."""

    def __init__(
        self,
        followed: Mapping[tuple[str, str], bool] | None = None,
        hidden_groups: Collection[str] = (),
        options: Mapping[tuple[str, str], tuple[str, ...]] | None = None,
    ) -> None:
        """Create preferences from subscriptions, by parent and key.

        `followed` is whether they are enabled, `options` what is chosen of them, which the server applies.
        `hidden_groups` are the types that are left out.
        """
        self._hidden_groups = frozenset(filter(None, hidden_groups))
        self._enabled: dict[str, bool] = {}  # a timetable with several subscriptions is shown if one is enabled
        self._children: dict[str, set[str]] = {}
        for (parent, key), enabled in (followed or {}).items():
            self._enabled[key] = self._enabled.get(key, False) or enabled
            if parent != key:
                self._children.setdefault(parent, set()).add(key)

        chosen = repr((sorted((followed or {}).items()), sorted((options or {}).items())))
        self.fingerprint = fingerprint(chosen, *sorted(self._hidden_groups))

    @classmethod
    def of(
        cls, subscriptions: Collection[Subscription], hidden_groups: Collection[str], *, reads: Callable[[str], bool]
    ) -> "Preferences":
        """Of some subscriptions and hidden types. Subscriptions of a type that is not read are switched off."""
        listed = list(_each_with_parent(subscriptions))
        options = {(parent, one.key): one.options for parent, one in listed if one.options}
        return cls(_followed(subscriptions, reads), hidden_groups, options)

    def wants(self, event: TimetableEvent) -> bool:
        """Whether a timetable of the event and the type of the event are switched on.

        Timetables to which the person is not subscribed hide nothing. If the timetable of a child has the event too,
        the child decides for its parent. The options of a subscription are applied by the server: events do not have
        them.
        """
        if event.event_type.group in self._hidden_groups:
            return False
        keys = set(event.keys)
        speaking = [key for key in keys if not self._children.get(key, set()) & keys]
        return not speaking or any(self._enabled.get(key, True) for key in speaking)


def read_subscriptions(body: Body, origin: str) -> list[Subscription]:
    """The subscriptions in an answer of /subscriptions. Raises BadResponse if it is not what is documented."""
    answer = parse_json(body, origin)
    if not isinstance(answer, list):
        raise BadResponse(f"{origin} did not send a list of subscriptions.")
    return each(answer, Subscription, origin)


def _followed(subscriptions: Iterable[Subscription], reads: Callable[[str], bool]) -> dict[tuple[str, str], bool]:
    """The subscriptions by parent and key, with whether they are enabled. A child needs an enabled parent."""
    found: dict[tuple[str, str], bool] = {}
    waiting = [("", reads(subscription.kind), subscription) for subscription in subscriptions]
    while waiting:
        parent, shown, subscription = waiting.pop()
        enabled = shown and subscription.enabled
        found[parent, subscription.key] = found.get((parent, subscription.key), False) or enabled
        waiting += [(subscription.key, enabled, child) for child in subscription.children]
    return found


def _each_with_parent(subscriptions: Iterable[Subscription], parent: str = "") -> Iterator[tuple[str, Subscription]]:
    """Each subscription and those below it, with the key of its parent."""
    for subscription in subscriptions:
        yield parent, subscription
        yield from _each_with_parent(subscription.children, subscription.key)


def read_hidden_groups(body: Body, origin: str) -> frozenset[str]:
    """The types that the person leaves out of a calendar, in an answer of /eventtypegroups.

    `isFiltered` is the filter of the web page alone.

    Raises:
        BadResponse: it is not what is documented.
    """
    answer = parse_json(body, origin)
    groups = each(listed(answer, "eventtypegroups", origin), EventTypeGroup, origin)
    if answer.get("filteringEnabled") is not True:
        return frozenset()
    return frozenset(group.id for group in groups if group.filtered_for_sync)
