"""What a shell completes: users, sources and feeds, read from a storage that stays as it is."""

import pytest

from bridge.store.account import NewAccount
from bridge.store.feed import NewFeed
from tests.program import Program


@pytest.fixture
def made_url() -> None:
    """There is no storage yet."""


async def completed(program: Program, typed: str) -> list[str]:
    """What a shell offers after this, of which the last word is incomplete."""
    words = f"roosterbridge {typed}"
    asking = {
        "_ROOSTERBRIDGE_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    outcome = await program.run(env=asking)
    assert (outcome.code, outcome.err) == (0, "")
    return outcome.out.decode().split()


@pytest.fixture
async def known(stored_program: Program) -> Program:
    """A program with two users, and two feeds and three accounts of the first."""
    async with stored_program.opened() as bridge:
        for name in ("anna", "bram"):
            await bridge.store.users.add(name, name, bridge.clock())
        for name in ("default", "werk"):
            await bridge.store.feeds.add("anna", NewFeed(name, kinds=[]), bridge.clock())
        for name in ("", "Lotte", "Sem"):
            await bridge.store.accounts.put(
                NewAccount("anna", "uva", name=name, identity="", person=name), bridge.clock()
            )
    return stored_program


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("user remove ", ["anna", "bram"]),
        ("user remove b", ["bram"]),
        ("refresh --user an", ["anna"]),
        ("account add anna ", ["fortes", "uva", "vrij"]),
        ("account add anna --login-of ", ["anna", "bram"]),
        ("check f", ["fortes"]),
        ("account remove anna uva --as ", ["Lotte", "Sem"]),
        ("absence list anna uva --as S", ["Sem"]),
        ("feed add --users anna,", ["anna,anna", "anna,bram"]),
        ("feed rotate anna --name ", ["default", "werk"]),
        ("feed revoke bram --name ", []),
        ("user add ", []),
        ("--config nothing.toml user remove ", []),
    ],
)
async def test_users_sources_and_feeds_are_completed(known: Program, typed: str, offered: list[str]) -> None:
    assert await completed(known, typed) == offered


async def test_completing_makes_no_storage(program: Program) -> None:
    assert await completed(program, "user remove ") == []
    assert not (program.folder / "data").exists()


async def test_a_storage_that_is_none_offers_nothing(program: Program) -> None:
    (program.folder / "data").mkdir()
    (program.folder / "data" / "bridge.db").write_text("not a database")
    assert await completed(program, "user remove ") == []
