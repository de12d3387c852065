"""Hosts with different settings on one storage say so, each in its log."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from bridge.settings.schema import Settings, SourceSettings
from bridge.store.cipher import Cipher
from bridge.store.hosts import HostNote
from bridge.store.schema import meta
from bridge.store.storage import Store, open_store
from bridge.sync.companions import Companions, differing, marks_of
from tests.conftest import KEY, SettableClock

PLAIN = Settings()


def with_refresh(**values: object) -> Settings:
    return PLAIN.model_copy(update={"refresh": PLAIN.refresh.model_copy(update=values)})


def with_sources(**sources: SourceSettings) -> Settings:
    return PLAIN.model_copy(update={"sources": sources})


async def said(*companions: Companions) -> list[tuple[str, str]]:
    """The hosts and keys that are named in the log."""
    with capture_logs() as lines:
        for one in companions:
            await one.compare()
    return [(line["host"], line["key"]) for line in lines if line["event"] == "hosts.differ"]


@pytest.fixture
async def store(storage_url: str, clock: SettableClock) -> AsyncIterator[Store]:
    async with open_store(storage_url, Cipher([KEY]), clock) as opened:
        yield opened


@pytest.fixture
def one(store: Store) -> Companions:
    return Companions(store.hosts, PLAIN, machine="one")


async def test_each_of_two_hosts_names_the_key_in_which_they_differ_once(store: Store, one: Companions) -> None:
    other = Companions(store.hosts, with_refresh(interval=timedelta(minutes=5)), machine="other")
    assert await said(one) == []
    assert await said(other, one) == [("one", "refresh.interval"), ("other", "refresh.interval")]
    assert await said(other, one) == []


async def test_hosts_with_the_same_settings_say_nothing(store: Store, one: Companions) -> None:
    other = Companions(store.hosts, with_refresh(concurrency=2), machine="other")
    assert await said(one, other, one) == []


def test_the_order_in_which_values_are_written_is_no_difference() -> None:
    one, other = (
        PLAIN.model_copy(update={"oidc": PLAIN.oidc.model_copy(update={"accounts": accounts})})
        for accounts in ({"uva": "{name}", "sintjan": "{email}"}, {"sintjan": "{email}", "uva": "{name}"})
    )
    assert differing(marks_of(one), marks_of(other)) == set()


def test_a_source_that_one_host_lacks_is_named_once_and_a_changed_key_by_itself() -> None:
    school = SourceSettings(type="club", title="School")
    assert differing(marks_of(PLAIN), marks_of(with_sources(school=school))) == {"sources.school"}
    renamed = school.model_copy(update={"title": "Other"})
    before, after = marks_of(with_sources(school=school)), marks_of(with_sources(school=renamed))
    assert differing(before, after) == {"sources.school.title"}


@pytest.mark.parametrize(("more", "known"), [(["more"], True), (None, False)], ids=["says more", "says it otherwise"])
async def test_a_host_of_a_later_version_is_no_trouble(
    store: Store, one: Companions, more: list[str] | None, *, known: bool
) -> None:
    await store.hosts.tell(HostNote("other", "other", {"refresh": "x"}))
    kept = select(meta.c.name, meta.c.value).where(meta.c.name.endswith("other"))
    ((name, value),) = await store.database.read(lambda connection: connection.execute(kept).all())
    content = {"of": "a later version"} if more is None else [*json.loads(Cipher([KEY]).decrypt(value)), *more]
    changed = update(meta).where(meta.c.name == name).values(value=Cipher([KEY]).encrypt(json.dumps(content)))
    await store.database.write(lambda connection: connection.execute(changed))
    assert (("other", "refresh") in await said(one)) is known
