"""What can be read of an item that cannot be read whole."""

from typing import Annotated

from bridge.sources.informat.models.assignment import Replacement
from bridge.sources.informat.models.fields import Items, MaybeGuid, Record


class Unreadable(Record):
    """An interruption or an assignment: its key, whose it is, and who replaces whom in it."""

    id: MaybeGuid = ""
    do_id: MaybeGuid = ""
    person_id: MaybeGuid = ""
    vervangingen: Annotated[tuple[Replacement, ...], Items] = ()
