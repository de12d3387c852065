"""`roosterbridge demo` as a process."""

import asyncio
import json
import re
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bridge.app import open_bridge
from bridge.model.clock import now_utc
from bridge.settings.load import load_settings
from bridge.upstream.discovery import discover
from tests.conftest import slow
from tests.program import PATIENCE, Command, Program, until

_ADDRESS = re.compile(r"^  (http://127\.0\.0\.1:\d+/f/\S+\.ics)$", re.MULTILINE)
_PAGE = re.compile(r"^  (http://127\.0\.0\.1:\d+/m/\S+)$", re.MULTILINE)
_OPERATOR = re.compile(r"^  (http://127\.0\.0\.1:\d+/admin)\n  (\S+)$", re.MULTILINE)
_CONTROL = re.compile(r"curl -X POST (\S+)")
_COMMAND = re.compile(r"^  (\S.* --config (\S+) account list)$", re.MULTILINE)


async def _get(url: str, content_type: str = "text/calendar") -> str:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert response.status == 200
        assert response.content_type == content_type
        return await response.text()


async def _opens(operators: str, admin_token: str) -> bool:
    """Whether an admin token opens the operator's page, which shows the schools."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        aiohttp.ClientSession(cookie_jar=jar) as browser,
        browser.post(f"{operators}/sign-in", data={"token": admin_token}) as answer,
    ):
        return answer.status == 200 and "Fortes Lyceum" in await answer.text()


async def _in_json(process: Command, program: Program) -> Path:
    """Have a lesson cancelled, refresh with a command of its own and see it in the feed; gives the demo's folder."""
    await until(lambda: process.out().endswith("\n"))
    answer = json.loads(process.out())
    assert answer.keys() >= {"feeds", "pages", "operator", "stand_ins", "config"}
    calendars = await asyncio.gather(*(_get(feed["url"]) for feed in answer["feeds"]))
    assert all("BEGIN:VEVENT" in calendar for calendar in calendars)
    told = dict(zip((feed["user"] for feed in answer["feeds"]), calendars, strict=True))
    assert "Wekelijkse check-in" in told["yara"]
    (url,) = [feed["url"] for feed in answer["feeds"] if feed["user"] == "anna"]
    cancelled = (await _get(url)).count("SUMMARY:Vervalt: ")
    control = f"{answer['stand_ins']['somtoday']}/standin/cancel-lesson"
    async with aiohttp.ClientSession() as session, session.post(control) as response:
        assert "cancelled" in await response.text()
    refreshed = await program.run("--config", answer["config"], "refresh", "--json", "--user", "anna")
    assert refreshed.code == 0
    assert (await _get(url)).count("SUMMARY:Vervalt: ") == cancelled + 1
    return Path(answer["config"]).parent


async def _in_plain(process: Command) -> Path:
    """See that all that is printed for people works as it is printed; gives the demo's folder."""
    await until(lambda: " list\n" in process.out())
    told = process.out()
    addresses = _ADDRESS.findall(told)
    assert len(addresses) >= 7
    assert "BEGIN:VEVENT" in await _get(addresses[0])
    assert len(_CONTROL.findall(told)) >= 14
    (page,) = _PAGE.findall(told)
    assert (await _get(page, "text/html")).count('class="event lesson') > 10, "it shows a full week"
    [(operators, admin_token)] = _OPERATOR.findall(told)
    assert await _opens(operators, admin_token)
    [(command, config)] = _COMMAND.findall(told)
    typed = await asyncio.create_subprocess_shell(command, stdout=asyncio.subprocess.PIPE)
    listed, _ = await typed.communicate()
    assert typed.returncode == 0
    assert b"anna" in listed
    return Path(config).parent


@slow("the demo on a terminal, with a source that was made up, and each thing that can be made to happen in it")
async def test_what_the_demo_says_can_happen_shows_in_the_feed_that_it_names(tmp_path: Path) -> None:
    program = Program(tmp_path / "demo", environment={"BRIDGE_LOGGING__LEVEL": "debug"})
    program.folder.mkdir()
    async with program.start("demo", "--port", "0", "--json") as process:
        await until(lambda: process.out().endswith("\n"), patience=3 * PATIENCE)
        answer = json.loads(process.out())
        feeds = {feed["user"]: feed["url"] for feed in answer["feeds"]}
        first: dict[str, str] = {}
        for control in answer["controls"]:
            first.setdefault(control["user"], control["url"])
        first["anna"] = next(one["url"] for one in answer["controls"] if one["url"].endswith("rename-subject"))
        before = {user: await _get(feeds[user]) for user in first}
        async with aiohttp.ClientSession() as session:
            for url in first.values():
                async with session.post(url) as response:
                    assert response.status == 200

        async def shown() -> bool:
            await asyncio.sleep(1)  # asking takes time from those who are asked
            return all([await _get(feeds[user]) != before[user] for user in first])

        await until(shown, patience=3 * PATIENCE)
        assert await process.stop(signal.SIGTERM) == 0
        assert "route=/f/{token}.ics" in process.told()


async def test_the_demo_serves_what_it_prints_and_leaves_nothing_behind(tmp_path: Path) -> None:
    programs = [Program(tmp_path / "json"), Program(tmp_path / "plain")]
    for program in programs:
        program.folder.mkdir()
    async with (
        programs[0].start("demo", "--port", "0", "--json") as in_json,
        programs[1].start("demo", "--port", "0") as in_plain,
    ):
        folders = await asyncio.gather(_in_json(in_json, programs[0]), _in_plain(in_plain))
        assert all(folder.is_dir() for folder in folders)
        assert await in_json.stop(signal.SIGTERM) == 0
        assert await in_plain.stop(signal.SIGINT) == 0
        assert not any(folder.exists() for folder in folders)
        json.loads(in_json.out())
        assert (in_json.told(), in_plain.told()) == ("", "")
    assert list(programs[0].folder.glob("*/")) == []


async def test_a_demo_that_is_ended_before_it_serves_leaves_nothing_behind(tmp_path: Path) -> None:
    program = Program(tmp_path / "demo", environment={"TMPDIR": str(tmp_path)})
    program.folder.mkdir()
    async with program.start("demo", "--port", "0") as process:
        await until(lambda: _storages(tmp_path))
        assert await process.stop(signal.SIGTERM) == 128 + signal.SIGTERM
    assert _storages(tmp_path) == []


def _storages(folder: Path) -> list[Path]:
    return list(folder.glob("roosterbridge-demo-*/bridge.db"))


@dataclass
class Known:
    """What a demo day knows: `secrets` of anybody, and `words` about the people, in the storage or at a school."""

    secrets: set[str]
    words: set[str]


async def _known(answer: Any) -> Known:
    """The secrets of a running demo, as its own key reads them, and what is told of its people."""
    types = {name: found.settings for name, found in discover().items()}
    sample = [found.stand_in(now_utc) for found in discover().values()]
    people = [person for stand_in in sample for person in stand_in.people]
    known = Known(
        {answer["operator"]["admin_token"], *(person.secret for person in people if person.secret)},
        {word for stand_in in sample for word in stand_in.private_words},
    )
    known.words |= {word for person in people for word in (person.user, person.title, person.identity) if word}
    async with open_bridge(load_settings(Path(answer["config"]), types, {})) as bridge:
        for user in await bridge.store.users.all():
            known.secrets.add(await bridge.store.feeds.token(user.name, "default"))
            known.secrets.add(await bridge.store.links.token(user.name, now_utc()))
        for account in await bridge.store.accounts.all():
            if account.credential_id is not None:
                login = await bridge.store.credentials.get(account.credential_id)
                known.secrets |= {login.secret or "", login.access.token if login.access else ""} - {""}
    return known


def _found(words: set[str], text: str) -> set[str]:
    return {word for word in words if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)}


@slow("a day of the demo, searched for whatever is secret or private")
async def test_a_demo_day_tells_its_log_and_its_disk_nothing_and_who_is_removed_is_gone(tmp_path: Path) -> None:
    program = Program(tmp_path / "demo", environment={"BRIDGE_LOGGING__LEVEL": "debug"})
    program.folder.mkdir()
    async with program.start("demo", "--port", "0", "--json") as process:
        await until(lambda: process.out().endswith("\n"), patience=3 * PATIENCE)
        answer = json.loads(process.out())
        storage = Path(answer["config"]).parent

        def on_disk() -> str:
            return "\n".join(file.read_text("utf-8", "replace") for file in storage.glob("bridge.db*"))

        async with aiohttp.ClientSession() as session:
            for control in answer["controls"]:
                async with session.post(control["url"]):
                    pass
            for shown in (*answer["feeds"], *answer["pages"]):
                async with session.get(shown["url"]) as response:
                    assert response.status == 200
        refreshed = await program.run("--config", answer["config"], "refresh", "--json")
        known = await _known(answer)
        assert _found(known.secrets, on_disk()) == set()
        assert _found(known.words, on_disk()), "otherwise there is nothing to find"
        for feed in answer["feeds"]:
            assert (await program.run("--config", answer["config"], "user", "remove", feed["user"])).code == 0
        assert _found(known.secrets | known.words, on_disk()) == set()
        assert await process.stop(signal.SIGTERM) == 0
    assert "account.state" in process.told()
    assert "route=/f/{token}.ics" in process.told()
    told = process.told() + refreshed.err
    assert _found(known.secrets | known.words, told) == set()
