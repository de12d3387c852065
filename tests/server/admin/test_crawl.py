"""An operator who follows every link and sends every form."""

from tests.server.admin.conftest import Desk, OpenDesk
from tests.server.pages.test_crawl import BACKWARDS, DUTCH, Read, check_names
from tests.server.pages.test_person import EVIL


async def visit(desk: Desk, path: str, data: list[tuple[str, str]] | None = None) -> Read:
    """Ask for a page, or send a form, and read the page that comes."""
    method = "GET" if data is None else "POST"
    await desk.ask(method, path, data=data)
    assert desk.status in {200, 404, 422}, (method, path, desk.status)
    check_names(desk.page, path)
    read = Read(desk.page)
    assert DUTCH & read.words == set(), (method, path)
    return read


async def test_an_operator_who_follows_every_link_and_sends_every_form_finds_nothing_broken(
    open_desk: OpenDesk,
) -> None:
    async with open_desk() as desk:
        school = desk.site.school
        await school.bridge.store.users.add("anna", f"{EVIL}{BACKWARDS}", school.clock())
        await school.bridge.store.users.add(f"{EVIL[:20]}#?%&", EVIL, school.clock())
        await school.add("anna", "club")
        await school.feed("anna")
        await school.refresh()
        waiting, seen, forms = ["/admin"], set[str](), []
        while waiting:
            path = waiting.pop()
            if path in seen or "language=" in path or path.startswith("/m/"):
                continue
            seen.add(path)
            read = await visit(desk, path)
            waiting += [link for link in read.links if link.startswith("/")]
            forms += read.forms
        assert len(seen) >= 20
        last = ("/remove", "/sign-out")
        for action, fields, buttons in sorted(forms, key=lambda form: (form[0].endswith(last), form[0])):
            if action.endswith(("/sign-out", "/sign-in")):
                continue
            for button in buttons or [("", "")]:
                await visit(desk, action, [*fields, button])
                hostile_fields = [(name, EVIL if name != "form" else value) for name, value in fields]
                await visit(desk, action, [*hostile_fields, button])
                await visit(desk, action, [field for field in fields if field[0] == "form"])
        await visit(desk, "/admin")
