"""The demo: a stand-in of every system, sample people, and their feeds."""

import json
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.app import Bridge, open_bridge
from bridge.cli.invocation import Invocation
from bridge.cli.progress import Bar
from bridge.cli.serving import serve_until_stopped
from bridge.logs import configure_logs
from bridge.model.clock import now_utc
from bridge.model.event import SHOWN_BY_DEFAULT, Kind
from bridge.people.accounts import Wanted, add_account
from bridge.settings.load import load_settings
from bridge.store.cipher import write_new_key
from bridge.store.feed import NewFeed
from bridge.store.private_files import make_file
from bridge.sync.outcome import Row
from bridge.upstream.discovery import discover
from bridge.upstream.standin import CONTROLS, SamplePerson, StandIn

_INTERVAL = "20s"
_LOGGING = "BRIDGE_LOGGING__"
_TOKEN_BYTES = 12
_UNHURRIED = {"requests_per_second": 1000, "interval": _INTERVAL}  # stand-ins need no protection


@dataclass(frozen=True, slots=True)
class Running:
    """A running stand-in and its address."""

    name: str
    stand_in: StandIn
    address: str | None


async def demonstrate(invocation: Invocation, port: int, bar: Bar) -> None:
    """Serve on `port` until interrupted. Print the addresses as soon as they answer; `bar` shows the way there."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="roosterbridge-demo-")))
        running = []
        for name, found in discover().items():
            stand_in = found.stand_in(now_utc)
            running.append(Running(name, stand_in, await stack.enter_async_context(stand_in.serve())))
        admin_token = secrets.token_urlsafe(_TOKEN_BYTES)
        config = _write_settings(folder, port or _free_port(), admin_token, running)
        settings = load_settings(config, {name: found.settings for name, found in discover().items()}, _about_the_log())
        configure_logs(settings.logging.level, settings.logging.format)
        bridge = await stack.enter_async_context(open_bridge(settings))
        addresses = await _add_people(bridge, running, bar)
        accounts = await bridge.store.accounts.all()
        bar.show(len(accounts), 2 * len(accounts))  # adding them is half of the work
        rows = await bridge.refresher.refresh_all(accounts, ended=bar.advance)
        await bridge.publisher.publish_wanted()
        pages = [
            bridge.settings.server.page_address(await bridge.store.links.token(person.user, now_utc()))
            for person, _ in addresses
        ]
        bar.end()
        value = {
            "feeds": [{"user": person.user, "title": person.title, "url": url} for person, url in addresses],
            "pages": [{"user": person.user, "url": page} for (person, _), page in zip(addresses, pages, strict=True)],
            "operator": {"url": settings.server.operator_address, "admin_token": admin_token},
            "controls": [
                {"user": person.user, "url": control}
                for person, controls in _controls(addresses, running)
                for control in controls
            ],
            "stand_ins": {one.name: one.address for one in running},
            "config": str(config),
        }
        fullest = max(range(len(addresses)), key=lambda at: _events(rows, addresses[at][0].user))
        own = (addresses[fullest][0].title, pages[fullest])
        text = _instructions(addresses, own, (settings.server.operator_address, admin_token), running, config)
        await serve_until_stopped(bridge, lambda _: invocation.answer(value, text))


def _about_the_log() -> dict[str, str]:
    """The variables that the demo follows. Others may be meant for a service of the same shell."""
    return {name: value for name, value in os.environ.items() if name.upper().startswith(_LOGGING)}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _write_settings(folder: Path, port: int, admin_token: str, running: Sequence[Running]) -> Path:
    key = folder / "secret.key"
    write_new_key(key)
    tables: dict[str, dict[str, Any]] = {
        "server": {"port": port, "public_url": f"http://127.0.0.1:{port}"},
        "storage": {"url": f"sqlite:///{folder / 'bridge.db'}"},
        "security": {"secret_key_file": str(key), "admin_token": admin_token},
        "refresh": {"interval": _INTERVAL},
        "logging": {"level": "warning"},  # what is printed for people stays to be seen
        **{f"sources.{one.name}": one.stand_in.settings_at(one.address) | _UNHURRIED for one in running},
    }
    lines = []
    for table, values in tables.items():
        lines += [
            f"[{table}]",
            *(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()),
            "",
        ]
    config = folder / "bridge.toml"
    make_file(config, "\n".join(lines).encode())
    return config


async def _add_people(bridge: Bridge, running: Sequence[Running], bar: Bar) -> list[tuple[SamplePerson, str]]:
    """Add a user with accounts and a feed for each sample person; return each with the feed's address."""
    people: dict[str, SamplePerson] = {}
    kinds: dict[str, tuple[Kind, ...]] = {}
    bar.show(0, 2 * sum(len(one.stand_in.people) for one in running))
    for one in running:
        for person in one.stand_in.people:
            kinds[person.user] = kinds.get(person.user, SHOWN_BY_DEFAULT) + person.kinds
            if person.user not in people:
                people[person.user] = person
                await bridge.store.users.add(person.user, person.title, bridge.clock())
            await add_account(
                bridge.store,
                bridge.sources[one.name],
                Wanted(person.user, identity=person.identity, options=person.options),
                bridge.clock,
                secret=person.secret,
            )
            bar.advance()
    added = []
    for user, person in people.items():
        token = await bridge.store.feeds.add(user, NewFeed(kinds=kinds[user]), bridge.clock())
        added.append((person, bridge.settings.server.feed_address(token)))
    return added


def _events(rows: Sequence[Row], user: str) -> int:
    """How much there is to see of a user."""
    return sum(row.events for row in rows if row.user == user)


def _instructions(
    addresses: Sequence[tuple[SamplePerson, str]],
    owned: tuple[str, str],
    operated: tuple[str, str],
    running: Sequence[Running],
    config: Path,
) -> str:
    (owner, page), (operators, admin_token) = owned, operated
    lines = [f"The own page of {owner}, to open in a browser:", "", f"  {page}", ""]
    lines += ["The operator's page, and the admin token that opens it:", "", f"  {operators}", f"  {admin_token}", ""]
    lines += ["Addresses to subscribe to with a calendar program on this machine:", ""]
    for person, url in addresses:
        lines += [person.described, f"  {url}"]
    lines += ["", "Make something happen at a school; half a minute later it shows in the feed of", ""]
    for person, controls in _controls(addresses, running):
        lines += [f"  {person.title}", *(f"    curl -X POST {control}" for control in controls)]
    command = f"{_program()} --config {config} account list"
    return "\n".join([*lines, "", "All commands work on the demo too:", "", f"  {command}", ""])


def _controls(
    addresses: Sequence[tuple[SamplePerson, str]], running: Sequence[Running]
) -> list[tuple[SamplePerson, list[str]]]:
    """The people in whose feeds something can be made to show, each with the addresses that do."""
    found = []
    for person, _ in addresses:
        controls = [
            f"{one.address}{CONTROLS}/{control}"
            for one in running
            for control, user in one.stand_in.shown_to.items()
            if user == person.user
        ]
        if controls:
            found.append((person, controls))
    return found


def _program() -> str:
    """What to type for this program: where `make demo` starts it, it is not on the path."""
    called = Path(sys.argv[0])
    return str(called) if called.name == "roosterbridge" else f"{sys.executable} -m bridge"
