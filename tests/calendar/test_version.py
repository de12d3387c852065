"""Feeds are made again when the renderer is another one; so it has to say when it is."""

import hashlib

from bridge.calendar.render import VERSION
from tests.calendar.entries import changes, rendered, week
from tests.calendar.test_quick import OPTIONS

DIGESTS = {5: "10bda359d2e93fde1258cf395c051bd54ad69151ff70307c71b2c3122a803696"}


def test_what_comes_out_of_the_same_events_changes_only_with_the_version() -> None:
    calendars = [rendered(*week(), *changes(), **options) for options in OPTIONS]
    digest = hashlib.sha256(b"".join(calendars)).hexdigest()
    assert {VERSION: digest} == DIGESTS, "raise VERSION, and note its digest here"
