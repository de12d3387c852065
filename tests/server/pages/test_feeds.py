import io
import re

import pytest

from bridge.calendar.options import FIELDS as OPTIONS
from bridge.model.event import SHOWN_BY_DEFAULT, Kind
from bridge.server.pages.feed_form import FIELDS, PRESETS, read_form
from bridge.server.pages.feeds import MOST_FEEDS
from bridge.store.feed import Feed, NewFeed
from tests.server.pages.conftest import OpenPage, Person

KINDS = [("kind", str(kind)) for kind in SHOWN_BY_DEFAULT]


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    return sqlite_url


async def feeds_of(anna: Person) -> list[Feed]:
    return await anna.site.school.bridge.store.feeds.all(user=anna.name)


def test_every_option_of_a_feed_is_in_the_form_and_begins_with_its_default() -> None:
    assert {one.name for one in FIELDS} == set(OPTIONS)
    assert all(one.choices or one.wrong for one in FIELDS)
    for one in FIELDS:
        for value, _ in one.choices:
            assert read_form({one.name: [value], "kind": ["lesson"]}, []).errors == {}


async def test_a_calendar_is_made_and_shows_what_was_chosen(open_page: OpenPage) -> None:
    async with open_page() as anna:
        await anna.site.school.add("anna", "club")
        await anna.site.school.refresh()
        assert "New calendar" in await anna.open("/feeds/new")
        page = await anna.send("/feeds/new", *KINDS, name="For grandma", source="club", privacy="busy", language="fr")
        assert (anna.status, anna.at) == (200, f"/m/{anna.token}")
        assert "The calendar was made." in page
        (feed,) = await feeds_of(anna)
        assert (feed.name, feed.title, feed.sources) == ("For grandma", "For grandma", None)
        assert feed.options == {"privacy": "busy", "language": "fr"}
        assert "SUMMARY:Occupé" in await anna.site.school.ics("anna", "For grandma")


async def test_a_calendar_is_changed_and_keeps_its_address(open_page: OpenPage) -> None:
    async with open_page() as anna:
        school = anna.site.school
        await school.add("anna", "club")
        await school.refresh()
        token = await school.feed("anna", cancelled="hide", alarms="lesson:10m")
        (feed,) = await feeds_of(anna)
        page = await anna.open(f"/feeds/{feed.id}")
        assert '<option value="hide" selected>' in page
        assert 'value="lesson:10m"' in page
        await anna.send(f"/feeds/{feed.id}", name="Tests", kind="exam", source="club", past="21d")
        (changed,) = await feeds_of(anna)
        assert (changed.name, changed.title, changed.kinds) == ("default", "Tests", (Kind.EXAM,))
        assert changed.options == {"past": "21d"}
        _, calendar = await anna.site.get(token)
        assert b"X-WR-CALNAME:Tests" in calendar
        assert '<option value="21d" selected>' in await anna.open(f"/feeds/{feed.id}")


async def test_the_preview_follows_before_anything_is_saved(open_page: OpenPage) -> None:
    async with open_page() as anna:
        school = anna.site.school
        await school.add("anna", "club")
        await school.refresh()
        await school.feed("anna")
        (feed,) = await feeds_of(anna)
        before = titles(await anna.open(f"/feeds/{feed.id}"))
        chosen = min(before)
        page = await anna.send(f"/feeds/{feed.id}", *KINDS, source="club", include=chosen, do="preview")
        assert (anna.status, titles(page)) == (200, {chosen})
        page = await anna.send(f"/feeds/{feed.id}", *KINDS, source="club", do="preset-busy")
        assert titles(page) == {"Bezet"}
        assert '<option value="busy" selected>' in page
        assert await feeds_of(anna) == [feed]


def titles(page: str) -> set[str]:
    return set(re.findall(r"<b><bdi>(.+?)</bdi></b>", page))


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("alarms", "10m", "Write none, or kinds and times such as lesson:10m,exam:1d."),
        ("past", "yesterday", "Write a number of days such as 30d, or all."),
        ("title", "{room}", "Use only {subject}, {group}, {teacher}, {location} and {code} in braces."),
        ("include", "x" * 201, "Write words of at most 200 characters, with commas between them."),
        ("privacy", "none", "Choose one of these."),
        ("name", "x" * 201, "A name has at most 200 characters."),
    ],
)
async def test_what_is_wrong_stands_beside_its_field_and_all_that_was_filled_in_stays(
    open_page: OpenPage, field: str, value: str, sentence: str
) -> None:
    async with open_page() as anna:
        await anna.site.school.add("anna", "club")
        page = await anna.send("/feeds/new", *KINDS, source="club", exclude="mentoruur", **{field: value})
        assert anna.status == 422
        assert f'<p class="error" id="wrong-{field}">{sentence}</p>' in page
        assert 'value="mentoruur"' in page
        assert await feeds_of(anna) == []


async def test_the_preview_of_a_language_that_there_is_not_is_in_that_of_before(open_page: OpenPage) -> None:
    async with open_page() as anna:
        await anna.site.school.add("anna", "club")
        await anna.site.school.refresh()
        page = await anna.send("/feeds/new", *KINDS, name="Busy", source="club", privacy="busy", language="tlh")
        assert (anna.status, titles(page)) == (422, {"Busy"})
        await anna.site.school.feed("anna", privacy="busy", language="fr")
        (feed,) = await feeds_of(anna)
        page = await anna.send(f"/feeds/{feed.id}", *KINDS, source="club", privacy="busy", language="tlh")
        assert (anna.status, titles(page)) == (422, {"Occupé"})


async def test_a_calendar_of_nothing_or_of_a_name_that_is_taken_is_not_made(open_page: OpenPage) -> None:
    async with open_page() as anna:
        await anna.site.school.add("anna", "club")
        page = await anna.send("/feeds/new", name="Mine")
        assert page.count("Choose at least one.") == 2 - ('type="hidden" name="source"' in page)
        await anna.send("/feeds/new", *KINDS, name="Mine", source="club")
        page = await anna.send("/feeds/new", *KINDS, name="Mine", source="club")
        assert "You already have a calendar of that name." in page
        assert len(await feeds_of(anna)) == 1


async def test_a_person_makes_no_more_than_50_calendars(open_page: OpenPage) -> None:
    async with open_page() as anna:
        school = anna.site.school
        await school.add("anna", "club")
        for number in range(MOST_FEEDS - 1):
            await school.bridge.store.feeds.add("anna", NewFeed(str(number)), school.clock())
        for name in ("The last", "One more"):
            page = await anna.send("/feeds/new", *KINDS, name=name, source="club")
        assert (anna.status, "You have 50 calendars. Remove one first." in page) == (422, True)
        assert len(await feeds_of(anna)) == MOST_FEEDS


async def test_a_new_address_ends_the_old_one_and_removing_ends_both(open_page: OpenPage) -> None:
    async with open_page() as anna:
        old = await anna.site.school.feed("anna")
        (feed,) = await feeds_of(anna)
        assert "A new address for this calendar?" in await anna.open(f"/feeds/{feed.id}/address")
        assert "has a new address" in await anna.send(f"/feeds/{feed.id}/address")
        new = await anna.site.school.bridge.store.feeds.token("anna", "default")
        assert [(await anna.site.get(token))[0].status for token in (old, new)] == [410, 200]
        assert "Remove this calendar?" in await anna.open(f"/feeds/{feed.id}/remove")
        assert "The calendar was removed." in await anna.send(f"/feeds/{feed.id}/remove")
        assert (await anna.site.get(new))[0].status == 410
        await anna.open(f"/feeds/{feed.id}")
        assert anna.status == 404


async def test_what_a_person_does_is_recorded_as_theirs(open_page: OpenPage) -> None:
    async with open_page() as anna:
        await anna.site.school.feed("anna")
        (feed,) = await feeds_of(anna)
        await anna.send(f"/feeds/{feed.id}/address")
        await anna.send(f"/feeds/{feed.id}/remove")
        deeds = await anna.site.school.bridge.store.audit.some()
        number = (await anna.site.school.bridge.store.users.get("anna")).id
        assert [(deed.via, deed.actor, deed.action, deed.user, deed.thing) for deed in deeds] == [
            ("page", number, "feed rotate", "anna", feed.name),
            ("page", number, "feed revoke", "anna", feed.name),
        ]


async def test_the_calendar_of_another_person_does_not_exist(open_page: OpenPage) -> None:
    async with open_page() as anna:
        store, clock = anna.site.school.bridge.store, anna.site.school.clock
        await store.users.add("bram", "Bram", clock())
        await anna.site.school.feed("bram")
        (feed,) = await store.feeds.all(user="bram")
        for path in (f"/feeds/{feed.id}", f"/feeds/{feed.id}/address", f"/feeds/{feed.id}/remove"):
            await anna.open(path)
            assert anna.status == 404
            await anna.send(path, *KINDS)
            assert anna.status == 404
        assert await store.feeds.all(user="bram") == [feed]


async def test_a_form_of_another_site_or_without_its_token_changes_nothing(open_page: OpenPage) -> None:
    async with open_page() as anna:
        await anna.site.school.feed("anna")
        (feed,) = await feeds_of(anna)
        page = await anna.send(f"/feeds/{feed.id}/remove", token="wrong")
        assert (anna.status, "This form does not come from here" in page) == (403, True)
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
            anna.client.headers.update(headers)
            await anna.send(f"/feeds/{feed.id}/remove")
            assert anna.status == 403
            for name in headers:
                anna.client.headers.popall(name)
        assert await feeds_of(anna) == [feed]
        anna.client.headers.update({"Origin": anna.site.address})
        await anna.send(f"/feeds/{feed.id}/remove")
        assert await feeds_of(anna) == []


async def test_a_form_of_a_megabyte_is_refused_with_a_page(open_page: OpenPage) -> None:
    async with open_page() as anna:
        body = io.BytesIO(b"name=" + b"x" * 1_200_000)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        address = f"{anna.site.address}/m/{anna.token}/feeds/new"
        async with anna.client.post(address, data=body, headers=headers) as answer:
            assert (answer.status, "That was too much text" in await answer.text()) == (413, True)


@pytest.mark.parametrize("name", PRESETS)
async def test_every_preset_gives_a_calendar(open_page: OpenPage, name: str) -> None:
    async with open_page() as anna:
        await anna.site.school.add("anna", "club")
        page = await anna.send("/feeds/new", *KINDS, source="club", do=f"preset-{name}")
        assert anna.status == 200
        assert 'class="error"' not in page
