"""A visitor who follows every link and sends every form."""

import re
from dataclasses import replace
from html.parser import HTMLParser

from bridge.upstream.discovery import discover
from tests.conftest import SettableClock
from tests.server.pages.conftest import OpenPage, Person
from tests.server.pages.test_person import EVIL

DUTCH = set(
    re.findall(
        r"\w+",
        "het een voor niet wordt deze zijn naar bij ook nog wel jouw kies nieuwe toevoegen verwijderen opslaan aan uit "
        "geen meer alle huiswerk rooster vervalt gewijzigd afwezig toets verbinden koppelen",
    )
)
"""Words that no English page has."""
WRITING = {"informat": "peeters", "mytimetable": "noor", "checkin": "joost"}
"""Schools where something can be written, and somebody there."""
BACKWARDS = "\u202e"
"""Turns the direction of what follows, unless that is kept apart."""
Form = tuple[str, list[tuple[str, str]], list[tuple[str, str]]]
_ISOLATED = re.compile(r"<(bdi|title|option)\b.*?</\1>|<[^>]*>", re.DOTALL)


class Read(HTMLParser):
    """The links of a page, its words, and its forms: action, fields with their values, and buttons with names.

    A form that only asks for another page is left out.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.words: set[str] = set()
        self.forms: list[Form] = []
        self._form: Form = ("", [], [])
        self._select = ""
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.words.update(re.findall(r"[^\W\d]+", data.lower()))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.append(given["href"].partition("#")[0])
        elif tag == "form":
            self._form = (given["action"], [], [])
            self.forms += [self._form] if given.get("method") == "post" else []
        elif tag == "button" and "name" in given:
            self._form[2].append((given["name"], given["value"]))
        elif tag in {"input", "textarea"} and given.get("name"):
            if given.get("type") not in {"checkbox", "radio"} or "checked" in given:
                self._form[1].append((given["name"], given.get("value", "")))
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and "selected" in given:
            self._form[1].append((self._select, given["value"]))


def check_names(page: str, path: str) -> None:
    """No name on a page is code, or turns the direction of what follows it."""
    assert EVIL not in page, path
    assert [line for line in _ISOLATED.sub("", page).splitlines() if BACKWARDS in line] == [], path


async def visit(anna: Person, path: str, data: list[tuple[str, str]] | None = None) -> Read:
    """Ask for a page, or send a form, and read the page that comes."""
    method = "GET" if data is None else "POST"
    async with anna.client.request(method, anna.site.address + path, data=data) as answer:
        assert answer.status in {200, 404, 410, 422}, (method, path, answer.status)
        page = await answer.text() if answer.content_type == "text/html" else ""
        check_names(page, path)
        read = Read(page)
        assert DUTCH & read.words == set(), (method, path)
        return read


async def test_a_visitor_who_follows_every_link_and_sends_every_form_finds_nothing_broken(
    open_page: OpenPage, clock: SettableClock
) -> None:
    hostile, types = f"{EVIL}{BACKWARDS}", discover()
    writing = {name: types[name].stand_in(clock) for name in WRITING}
    async with open_page(title=hostile, club={"title": hostile}, beside=writing) as anna:
        school, club = anna.site.school, anna.site.club
        await school.add("anna", "club")
        for name, person in WRITING.items():
            await school.add(person, name, user="anna")
        for lesson in club.ahead()[:3]:
            club.put(replace(lesson, title=hostile))
        await school.feed("anna", include="*", title="{subject}", language="en")
        await school.feed("anna", name=hostile, language="en")
        await school.refresh()
        waiting, seen, forms = [f"/m/{anna.token}"], set[str](), []
        while waiting:
            path = waiting.pop()
            if path in seen or "language=" in path:
                continue
            seen.add(path)
            read = await visit(anna, path)
            waiting += [link for link in read.links if link.startswith("/")]
            forms += read.forms
        assert len(seen) >= 20
        assert {f"/m/{anna.token}/{path}" for path in ("ill/informat", "groups/mytimetable", "checkin/checkin")} <= seen
        last = ("/address", "/remove", "/end")
        for action, fields, buttons in sorted(forms, key=lambda form: (form[0].endswith(last), form[0])):
            for button in buttons or [("", "")]:
                await visit(anna, action, [*fields, button])
                hostile_fields = [(name, EVIL if name != "form" else value) for name, value in fields]
                await visit(anna, action, [*hostile_fields, button])
                await visit(anna, action, [field for field in fields if field[0] == "form"])
