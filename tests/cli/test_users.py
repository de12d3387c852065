import asyncio

import pytest

from tests.program import Program


async def test_a_user_is_added_listed_and_removed(program: Program) -> None:
    added = await program.json("user", "add", "anna", "--title", "Anna de Wit")
    assert added.keys() == {"name", "title", "created"}
    assert (added["name"], added["title"]) == ("anna", "Anna de Wit")
    assert await program.json("user", "list") == [added]
    assert await program.refused("user", "add", "anna") == 'A user called "anna" exists already.'
    assert await program.json("user", "remove", "anna") == {"name": "anna"}
    assert await program.refused("user", "remove", "anna") == 'No user is called "anna".'


async def test_names_and_titles_are_shown_as_they_are_and_long_ones_are_not_cut(program: Program) -> None:
    title = "[b]Zoë[/b] :cat: " + "van " * 150 + "Einde"
    async with program.opened() as bridge:
        await bridge.store.users.add("zoë [red]", title, bridge.clock())
    plain, as_json = await asyncio.gather(program.run("user", "list"), program.run("user", "list", "--json"))
    head, row = plain.out.decode().splitlines()
    assert head.split() == ["user", "title", "created"]
    assert row.startswith("zoë [red]  [b]Zoë[/b] :cat: van ")
    assert title in row
    assert as_json.json[0]["title"] == title
    assert "\x1b" not in plain.out.decode()


async def test_commands_about_an_unknown_user_fail_with_a_sentence(program: Program) -> None:
    sentences = await asyncio.gather(
        program.refused("account", "add", "nobody", "uva", "--identity", "1"),
        program.refused("account", "list", "--user", "nobody"),
        program.refused("account", "remove", "nobody", "uva"),
        program.refused("feed", "add", "nobody"),
        program.refused("feed", "list", "--user", "nobody"),
        program.refused("feed", "export", "nobody"),
        program.refused("refresh", "--user", "nobody"),
    )
    assert all("nobody" in sentence for sentence in sentences)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a,b", "a\u202eb", "a\u0007b", "é" * 65, "a\u200bb"])
async def test_a_name_that_would_mislead_or_lead_elsewhere_is_refused(program: Program, name: str) -> None:
    outcome = await program.run("user", "add", name)
    assert outcome.code == 2
    assert "a user's name" in " ".join(outcome.err.replace("│", " ").split())


async def test_white_space_at_the_ends_of_a_name_is_no_part_of_it_in_any_command(program: Program) -> None:
    assert (await program.json("user", "add", " sp "))["name"] == "sp"
    assert (await program.json("feed", "add", " sp", "--name", " all "))["name"] == "all"
    assert [feed["user"] for feed in await program.json("feed", "list", "--user", "sp ")] == ["sp"]
    assert (await program.run("feed", "export", "sp ", "--name", "all ")).code == 0
    assert await program.refused("account", "remove", " sp", " uva ") == "sp has no account at uva."
    assert await program.json("user", "remove", " sp ") == {"name": "sp"}


async def test_two_users_differ_in_more_than_case(program: Program) -> None:
    await program.run("user", "add", "Anna")
    assert 'A user called "Anna" exists already' in await program.refused("user", "add", "anna")


async def test_a_title_has_at_most_200_characters(program: Program) -> None:
    assert (await program.run("user", "add", "anna", "--title", "é" * 201)).code == 2
    assert (await program.run("user", "add", "anna", "--title", "é" * 200)).code == 0
    assert (await program.run("feed", "add", "anna", "--title", "é" * 201)).code == 2


async def test_a_page_keeps_its_address_until_a_new_one_is_asked_for(program: Program) -> None:
    await program.run("user", "add", "anna")
    first = await program.json("user", "link", "anna")
    assert first.keys() == {"user", "url"}
    assert first["url"].startswith("http://calendars.test/m/rm_")
    assert len(first["url"].removeprefix("http://calendars.test")) < 116
    assert (await program.run("user", "link", "anna")).out.decode().strip() == first["url"]
    assert (await program.json("user", "link", "anna", "--new"))["url"] != first["url"]
    assert await program.refused("user", "link", "bram") == 'No user is called "bram".'


async def test_everything_about_a_user_is_printed_as_json(program: Program) -> None:
    await program.run("user", "add", "anna", "--title", "Anna de Wit")
    about = await program.json("user", "export", "anna")
    assert about["user"]["title"] == "Anna de Wit"
    assert (await program.run("user", "export", "anna")).json == about
    assert await program.refused("user", "export", "bram") == 'No user is called "bram".'
