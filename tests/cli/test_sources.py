"""`source …`: sources without the settings file."""

from tests.program import Program, until


async def test_a_source_is_added_by_a_command_and_read_by_a_running_service(program: Program) -> None:
    school = program.tables.pop("sources.uva")
    program.configure()
    settings = [f"{key}={value}" for key, value in school.items() if key not in {"type", "api_token"}]
    words = ("source", "add", "uva", "mytimetable", *settings, "--secret", "api_token")
    async with program.serve() as service:
        added = await program.json(*words, stdin=school["api_token"] + "\n")
        assert (added["name"], added["kept"]) == ("uva", "storage")
        assert school["api_token"] not in str(added)
        person = program.stand_ins["uva"].people[0]
        await program.json("user", "add", person.user)
        await program.json("account", "add", person.user, "uva", "--identity", str(person.identity))

        async def read() -> bool:
            accounts = await program.json("account", "list")
            return bool(accounts[0]["state"] == "ok")

        await until(read)
        assert service.running
    listed = {one["name"]: one["kept"] for one in await program.json("source", "list")}
    assert listed == {"fortes": "file", "vrij": "file", "uva": "storage"}

    program.tables["sources.uva"] = school
    program.configure()
    checked = await program.run("check", "uva")
    assert checked.code == 0
    assert "The source uva of the storage is not used" in checked.err
    program.tables.pop("sources.uva")
    program.configure()

    removed = await program.run("source", "remove", "uva")
    assert removed.code == 0
    assert "1 account at uva is not read any more" in removed.err
    assert 'No source is called "uva"' in await program.refused("source", "remove", "uva")
    assert "settings file" in await program.refused("source", "remove", "fortes")
    assert "unknown type" in await program.refused("source", "add", "x", "nothing")
