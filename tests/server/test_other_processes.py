"""What one process changes, another one answers at once."""

import aiohttp

from tests.program import Command, Program


async def _ask(service: Command, url: str, etag: str = "") -> tuple[int, str, str]:
    """Status, text and ETag of what a feed's address answers now."""
    address = service.address + url.removeprefix("http://calendars.test")
    headers = {"If-None-Match": etag} if etag else {}
    async with aiohttp.ClientSession() as session, session.get(address, headers=headers) as response:
        return response.status, await response.text(), response.headers.get("ETag", "")


async def test_every_command_works_beside_the_service_and_shows_at_once(program: Program) -> None:
    async with program.serve() as service:
        await program.json("user", "add", "anna")
        url = (await program.json("feed", "add", "anna", "--sources", "fortes"))["url"]
        status, text, etag = await _ask(service, url)
        assert status == 200
        assert text.startswith("BEGIN:VCALENDAR")
        assert "BEGIN:VEVENT" not in text

        await program.json("account", "add", "anna", "fortes", "--secret-stdin", stdin="refresh-anna")
        await program.json("refresh", "--user", "anna")
        status, text, full = await _ask(service, url, etag)
        assert status == 200
        assert text.count("BEGIN:VEVENT") > 100
        cancelled = text.count("SUMMARY:Vervalt: ")
        assert (await _ask(service, url, full))[0] == 304

        program.stand_ins["fortes"].controls["cancel-lesson"]()
        rows = await program.json("refresh", "--user", "anna")
        assert sum(row["changed"] for row in rows) == 1
        status, text, _ = await _ask(service, url, full)
        assert status == 200
        assert text.count("SUMMARY:Vervalt: ") == cancelled + 1
        assert (await program.run("feed", "export", "anna")).out.decode() == text

        new = (await program.json("feed", "rotate", "anna"))["url"]
        assert (await _ask(service, url))[0] == 410
        assert (await _ask(service, new))[:2] == (200, text)
        await program.json("feed", "revoke", "anna")
        assert (await _ask(service, new))[0] == 410
        last = (await program.json("feed", "add", "anna"))["url"]
        assert (await _ask(service, last))[0] == 200
        await program.json("user", "remove", "anna")
        assert [(await _ask(service, ended))[0] for ended in (url, new, last)] == [410, 410, 410]
        assert await service.stop() == 0
