"""Events with their history, and how they change with time alone."""

import hashlib
import uuid
from datetime import datetime, timedelta
from json.encoder import encode_basestring_ascii as _json

from msgspec import Struct
from msgspec.structs import replace

from bridge.model.event import Before, Event

UIDS = uuid.UUID("5b0c1c4e-6a52-5d0f-9d4b-6f1f3f0f7e21")
"""The namespace in which UIDs are made."""
SHOWN_FOR = timedelta(days=14)
_SECOND = timedelta(seconds=1)


class TrackedEvent(Struct, frozen=True, gc=False):
    """An event and its history (RFC 5545, 3.8.7). All moments are UTC.

    With each change `sequence` rises and `modified` advances by at least a second. `vanished` is when the upstream
    stopped delivering the event while it was still ahead; its own status is the last one that the upstream gave.
    `before` is what it was before a change that we noticed at `changed`; both end after `SHOWN_FOR`. `shared` is
    whether it comes from a source without accounts, and is everybody's. `account` is the name of its account.
    """

    uid: str
    source: str
    event: Event
    sequence: int
    created: datetime
    modified: datetime
    vanished: datetime | None = None
    before: Before | None = None
    changed: datetime | None = None
    shared: bool = False
    account: str = ""


def uid_of(source: str, person: str, event: Event) -> str:
    """The UID of an event (RFC 7986, 5.3), made from source, person, kind and the upstream's identity."""
    # `uuid.uuid5` of these four as a JSON list, as a test compares: without its objects it takes a third of the time
    name = f"[{_json(source)}, {_json(person)}, {_json(event.kind.value)}, {_json(event.identity)}]"
    digest = bytearray(hashlib.sha1(UIDS.bytes + name.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50  # the version (RFC 9562, 5.5)
    digest[8] = digest[8] & 0x3F | 0x80  # the variant
    digits = digest.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def expires_at(entry: TrackedEvent) -> datetime | None:
    """The first moment at which `aged` returns something else; `None` if there is none."""
    if entry.vanished is None and entry.before is None:  # nearly all
        return None
    moments = [entry.vanished, entry.changed if entry.before is not None else None]
    return min((moment + SHOWN_FOR for moment in moments if moment is not None), default=None)


def aged(entry: TrackedEvent, now: datetime) -> TrackedEvent | None:
    """The entry at `now`, without expired marks; `None` if it vanished `SHOWN_FOR` ago or earlier."""
    if entry.vanished is not None and entry.vanished + SHOWN_FOR <= now:
        return None
    if entry.before is None or entry.changed is None or entry.changed + SHOWN_FOR > now:
        return entry
    return replace(renewed(entry, now), before=None, changed=None)


def renewed(entry: TrackedEvent, now: datetime) -> TrackedEvent:
    """The entry with the history of a change made at `now` (RFC 5545, 3.8.7)."""
    modified = max(now.replace(microsecond=0), entry.modified + _SECOND)
    return replace(entry, sequence=entry.sequence + 1, modified=modified)
