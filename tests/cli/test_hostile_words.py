"""Words of others on an operator's terminal."""

import json

import pytest

from bridge.cli.table import Table
from bridge.cli.terminal import shown, shown_json, tell
from tests.program import Program

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31mred\u202egnp.exe\u2066\r\nnext\tline"


def test_a_sentence_has_nothing_that_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    tell(f"The school says {HOSTILE}.")
    Table(("title",), [(HOSTILE,)]).print()
    captured = capsys.readouterr()
    for text in (captured.err, captured.out, shown(HOSTILE)):
        assert not set("\x1b\x07\x9b\u202e\u2066\r") & set(text)
        assert "red" in text


def test_json_means_the_same_and_has_none_either() -> None:
    printed = shown_json(json.dumps({"title": HOSTILE}, ensure_ascii=False))
    assert json.loads(printed) == {"title": HOSTILE}
    assert not set("\x1b\x07\x9b\u202e\u2066") & set(printed)


async def test_what_a_person_is_called_reaches_no_terminal_as_an_escape(program: Program) -> None:
    async with program.opened() as bridge:
        await bridge.store.users.add("anna", HOSTILE, bridge.clock())
    for words in (("user", "list"), ("--json", "user", "list")):
        outcome = await program.run(*words)
        assert outcome.code == 0
        assert b"red" in outcome.out
        assert b"\x1b" not in outcome.out
        assert "\x9b" not in outcome.out.decode()
