"""A source that somebody else wrote: one installed folder is all that it takes."""

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import KEY, slow

ROOT = Path(__file__).parent.parent
PACKAGE = {
    "made_up/__init__.py": '''
        """A school that was made up: one list of clubs."""

        import json
        from datetime import datetime, timedelta

        from aiohttp import web
        from pydantic import BaseModel, Field
        from yarl import URL

        from bridge.errors import BadResponse, SourceError, UnknownPerson
        from bridge.model.event import Event, Kind, Part, Timed
        from bridge.settings.schema import SourceSettings
        from bridge.upstream.contract import Answer, Reading, read_items
        from bridge.upstream.fingerprint import fingerprint
        from bridge.upstream.reply import parse_json
        from bridge.upstream.source_type import SourceType
        from bridge.upstream.standin import SamplePerson, StandIn
        from bridge.settings.values import HttpAddress


        class MadeUpSettings(SourceSettings):
            api_url: HttpAddress = Field(description="where the clubs are")


        class Club(BaseModel):
            id: str = Field(min_length=1)
            name: str
            start: datetime


        class MadeUp:
            def __init__(self, settings, surroundings):
                self._settings = settings
                self._http = surroundings.http(settings)

            async def check(self):
                await self._ask("nobody")
                return "reachable"

            async def connect(self, identity, account, slot):
                if not self._items(await self._ask(identity or "")):
                    raise UnknownPerson(f"{self._http.origin} knows no such person.")
                return type(account)(identity, account.options)

            async def fetch(self, account, slot, window):
                try:
                    body = await self._ask(account.person)
                except SourceError as error:
                    return {Part.SCHEDULE: error}
                return {Part.SCHEDULE: Answer(body, fingerprint(body))}

            def read(self, part, payload, account):
                return read_items(self._items(payload), Club, self._events, origin=self._http.origin)

            async def _ask(self, person):
                url = URL(self._settings.api_url) / "clubs"
                return (await self._http.get(url, query=[("who", person)])).body

            def _items(self, body):
                answer = parse_json(body, self._http.origin)
                if not isinstance(answer, dict) or not isinstance(answer.get("clubs"), list):
                    raise BadResponse(f"{self._http.origin} sent no clubs.")
                return answer["clubs"]

            def _events(self, club):
                start = club.start if club.start.tzinfo else club.start.replace(tzinfo=self._settings.zone)
                when = Timed(start, start + timedelta(hours=1), self._settings.timezone)
                yield Event(club.id, Kind.LESSON, when, club.name)


        def stand_in(clock):
            first = clock().replace(hour=15, minute=0, second=0, microsecond=0)

            def routes(app, address):
                async def clubs(request):
                    days = range(20) if request.query["who"] == "roos" else ()
                    told = [
                        {"id": f"club-{day}", "name": "Schaakclub", "start": str(first + timedelta(days=day))}
                        for day in days
                    ]
                    return web.json_response({"clubs": told})

                app.router.add_get("/clubs", clubs)

            return StandIn("made_up", (SamplePerson("roosje", "Roosje, chess player", identity="roos"),), routes=routes)


        SOURCE = SourceType(
            name="made_up",
            title="Made up",
            summary="clubs of a school that was made up",
            settings=MadeUpSettings,
            create=MadeUp,
            parts=(Part.SCHEDULE,),
            stand_in=stand_in,
            identity_help="first name",
        )
        ''',
    "made_up-1.0.dist-info/METADATA": """
        Metadata-Version: 2.1
        Name: made_up
        Version: 1.0
        """,
    "made_up-1.0.dist-info/entry_points.txt": """
        [roosterbridge.sources]
        made_up = made_up:SOURCE
        """,
}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Variables of a process in which the made-up source is installed."""
    for name, text in PACKAGE.items():
        path = tmp_path / "installed" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip(), "utf-8")
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(tmp_path / "installed"), str(ROOT)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "BRIDGE_SECURITY__SECRET_KEY": KEY,
    }


def test_check_reads_its_settings_and_asks_it(environment: dict[str, str], tmp_path: Path) -> None:
    stand_in = subprocess.Popen(
        [sys.executable, "-m", "bridge.standin", "made_up", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    with stand_in:
        try:
            assert stand_in.stdout is not None
            table = "".join(stand_in.stdout.readline() for _ in range(3))
            assert table.startswith("[sources.made_up]\n")
            storage = f'[storage]\nurl = "sqlite:///{tmp_path / "bridge.db"}"\n\n'
            (tmp_path / "bridge.toml").write_text(storage + table, "utf-8")
            (tmp_path / "bridge.toml").chmod(0o600)
            checked = subprocess.run(
                [sys.executable, "-m", "bridge", "check", "--config", str(tmp_path / "bridge.toml")],
                capture_output=True,
                text=True,
                check=False,
                env=environment,
            )
        finally:
            stand_in.kill()
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout == "made_up: ok: settings valid, reachable, accounts: none yet\n"


@slow("the demo on a terminal, with a source that was made up, and each thing that can be made to happen in it")
def test_the_demo_shows_its_people(environment: dict[str, str]) -> None:
    demo = subprocess.Popen(
        [sys.executable, "-m", "bridge", "demo", "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    with demo:
        try:
            assert demo.stdout is not None
            told = json.loads(demo.stdout.readline())
            [feed] = [feed for feed in told["feeds"] if feed["user"] == "roosje"]
            assert feed["title"] == "Roosje, chess player"
            assert told["stand_ins"]["made_up"].startswith("http://127.0.0.1:")
            with urllib.request.urlopen(feed["url"]) as answer:
                calendar = answer.read()
            demo.send_signal(signal.SIGTERM)
            assert demo.wait(20) == 0
        finally:
            demo.kill()
    assert calendar.count(b"SUMMARY:Schaakclub\r\n") == 20


@slow("the contract tests for a source that was made up and installed")
def test_the_contract_tests_find_it_and_it_passes_them(environment: dict[str, str], tmp_path: Path) -> None:
    contract = "tests/sources/test_contract.py"
    report = tmp_path / "report.xml"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            contract,
            "-k",
            "made_up",
            "-q",
            "-p",
            "no:cacheprovider",
            f"--junitxml={report}",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stdout
    told = report.read_text("utf-8")
    assert 'failures="0"' in told
    assert 'skipped="0"' in told
    assert len(re.findall(r'name="test_\w+\[[^"]*made_up', told)) >= 7
