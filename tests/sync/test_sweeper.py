from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bridge.model.event import Part
from bridge.model.tracked import SHOWN_FOR, TrackedEvent
from bridge.settings.schema import RetentionSettings
from bridge.store.audit import Via
from bridge.sync.sweeper import Sweeper
from tests.club.server import Club
from tests.conftest import OpenSchool, School, SettableClock


@pytest.fixture
async def school(open_school: OpenSchool, club: Club) -> AsyncIterator[School]:
    """A bridge with Anna's account and feed, refreshed once."""
    async with open_school({"club": club.stand_in}) as opened:
        await opened.add("anna", "club")
        await opened.feed("anna")
        await opened.refresh()
        yield opened


async def kept(school: School) -> dict[str, TrackedEvent]:
    (account,) = await school.bridge.store.accounts.all()
    return {entry.uid: entry for entry in await school.bridge.store.events.of_part(account.id, Part.SCHEDULE)}


async def test_a_mark_goes_by_itself_after_14_days_and_programs_can_tell(
    school: School, club: Club, clock: SettableClock
) -> None:
    club.move(hours=1)
    await school.refresh()
    (moved,) = [entry for entry in (await kept(school)).values() if entry.before]
    await school.bridge.publisher.publish_wanted()
    assert "SUMMARY:Verplaatst: " in await school.ics("anna")

    clock.now += SHOWN_FOR
    assert await school.bridge.sweeper.sweep()
    await school.bridge.publisher.publish_wanted()
    assert "SUMMARY:Verplaatst: " not in await school.ics("anna")
    plain = (await kept(school))[moved.uid]
    assert (plain.before, plain.sequence) == (None, moved.sequence + 1)
    assert plain.modified > moved.modified
    assert not await school.bridge.sweeper.sweep(), "there is nothing more to do"


async def test_a_lesson_that_vanished_is_gone_after_14_days_though_nobody_asks_the_school(
    school: School, club: Club, clock: SettableClock
) -> None:
    club.take(1)
    await school.refresh()
    await school.bridge.publisher.publish_wanted()
    assert "SUMMARY:Vervalt: " in await school.ics("anna")
    clock.now += SHOWN_FOR
    clock.forward(seconds=-1)
    assert not await school.bridge.sweeper.sweep()
    clock.forward(seconds=1)
    await school.bridge.sweeper.sweep()
    await school.bridge.publisher.publish_wanted()
    assert "SUMMARY:Vervalt: " not in await school.ics("anna")


async def test_a_feed_that_goes_back_a_few_days_is_made_anew_when_a_day_has_passed(
    school: School, clock: SettableClock
) -> None:
    await school.feed("anna", name="near", past="1d", future="7d")
    before = await school.ics("anna", "near")
    clock.forward(days=3)
    await school.bridge.publisher.publish_wanted()
    after = await school.ics("anna", "near")
    assert after.count("BEGIN:VEVENT") > 0
    assert after != before
    await school.bridge.publisher.publish_wanted()
    assert await school.ics("anna", "near") == after


@pytest.mark.parametrize("settings", [{}, {"audit": "7d", "sessions": "2d"}])
async def test_who_did_what_and_who_is_signed_in_is_kept_for_as_long_as_the_settings_say(
    school: School, clock: SettableClock, settings: dict[str, str]
) -> None:
    store, retention = school.bridge.store, RetentionSettings.model_validate(settings)
    sweeper, (audit, sessions) = Sweeper(store, clock, retention), (7, 2) if settings else (180, 30)
    began = clock()
    await store.audit.add(began, Via.COMMAND, "refresh", actor=None, number=None, thing=None)
    anna = await store.users.get("anna")
    await store.sessions.open(began, user=anna)
    for days, kept in ((sessions - 1, (1, 1)), (sessions + 1, (1, 0)), (audit - 1, (1, 0)), (audit + 1, (0, 0))):
        clock.now = began + timedelta(days=days)
        await sweeper.sweep()
        assert (len(await store.audit.some()), len(await store.sessions.of_user(anna))) == kept
