"""`audit`, and what commands record."""

from tests.program import Program


async def test_commands_record_what_they_do(program: Program) -> None:
    await program.json("user", "add", "anna")
    await program.json("feed", "add", "anna", "--name", "school")
    await program.json("feed", "list")
    await program.json("feed", "revoke", "anna", "--name", "school")
    deeds = await program.json("audit", "--since", "1d")
    assert [(deed["via"], deed["action"], deed["user"], deed["thing"]) for deed in deeds] == [
        ("command", "user add", "anna", None),
        ("command", "feed add", "anna", "school"),
        ("command", "feed revoke", "anna", "school"),
    ]
    table = (await program.run("audit")).out.decode()
    assert "operator" in table
    assert "feed revoke" in table
    assert "is such as" in await program.refused("audit", "--since", "lately")
