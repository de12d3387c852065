import gzip
import re
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from tests.server.conftest import OpenSite

ROOT = Path(__file__).parents[3]


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    return sqlite_url


async def test_the_front_page_says_what_this_is_and_nothing_about_anybody(open_site: OpenSite) -> None:
    async with open_site() as site:
        await site.school.add("anna", "club")
        status, page = await site.page("/")
    assert status == 200
    assert "Your timetable, in your own calendar" in page
    assert "anna" not in page.lower()


@pytest.mark.parametrize(
    ("language", "title"),
    [("nl", "Je rooster, in je eigen agenda"), ("fr", "Votre horaire, dans votre propre agenda")],
)
async def test_a_page_speaks_the_language_of_the_browser_or_the_one_that_was_chosen(
    open_site: OpenSite, language: str, title: str
) -> None:
    async with open_site() as site:
        async with site.client.get(site.address, headers={"Accept-Language": language}) as answer:
            assert f'<html lang="{language}">' in await answer.text()
        async with site.client.get(f"{site.address}/?step=2&language=en") as answer:
            assert f'href="/?step=2&amp;language={language}"' in await answer.text()
        async with site.client.get(f"{site.address}/?language={language}") as answer:
            assert title in await answer.text()
            assert answer.cookies["language"].value == language
        chosen = {"Accept-Language": "en", "Cookie": f"language={language}"}
        async with site.client.get(site.address, headers=chosen) as answer:
            assert title in await answer.text()
        async with site.client.get(f"{site.address}/?language=xx") as answer:
            assert answer.status == 200


async def test_a_page_runs_nothing_inline_and_asks_no_other_host(open_site: OpenSite) -> None:
    async with open_site() as site, site.client.get(site.address) as answer:
        page = await answer.text()
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self'; ")
        assert "unsafe" not in policy
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Cache-Control"] == "no-store"
    assert not re.search(r"style=|\son\w+=|<style|<script>", page)
    assert not re.findall(r"(?:src|href|action)=\"(?:\w+:)?//", page)


async def test_what_a_page_uses_is_kept_for_a_year_under_an_address_of_its_content(open_site: OpenSite) -> None:
    async with open_site() as site:
        _, page = await site.page("/")
        found = re.findall(r"\"(/static/\w+/([\w.]+))\"", page)
        assert {name for _, name in found} == {"style.css", "script.js", "icon.svg"}
        for path, _ in found:
            async with site.client.get(site.address + path, headers={"Accept-Encoding": "gzip"}) as answer:
                assert answer.status == 200
                assert "immutable" in answer.headers["Cache-Control"]
                packed = await answer.read()
            async with site.client.get(site.address + path) as answer:
                assert await answer.read() == gzip.decompress(packed)
        assert (await site.page("/static/0000000000000000/style.css"))[0] == 404


async def test_an_address_that_does_not_exist_answers_with_a_page_that_says_what_to_do(open_site: OpenSite) -> None:
    async with open_site() as site:
        for path in ("/nothing", "/f/wrong", "/m", "/%F0%9F%98%80", "/static/x/../y"):
            status, page = await site.page(path)
            assert (status, "There is nothing at this address" in page) == (404, True), path


def test_templates_files_and_words_are_in_the_wheel() -> None:
    shipped = {
        Path(found.path).relative_to(ROOT).as_posix() for found in WheelBuilder(str(ROOT)).recurse_included_files()
    }
    folder = ROOT / "bridge" / "server"
    for kind in ("templates", "static", "locale"):
        wanted = {file.relative_to(ROOT).as_posix() for file in (folder / kind).rglob("*") if file.is_file()}
        assert wanted
        assert wanted <= shipped
