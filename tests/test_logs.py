"""What is logged of exceptions: their kinds and places, never their words."""

import asyncio
import gc
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bridge.logs import configure_logs

SECRET = "rf_the-words-of-an-upstream"


@pytest.fixture(autouse=True)
def root_logger_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def _fail() -> None:
    try:
        json.loads(SECRET)
    except json.JSONDecodeError as error:
        raise RuntimeError(f"it went wrong: {SECRET}") from error


def _told(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    assert captured.out == ""
    assert SECRET not in captured.err
    return captured.err


@pytest.mark.parametrize("form", ["console", "json"])
def test_an_exception_is_told_by_its_kinds_and_places(capsys: pytest.CaptureFixture[str], form: str) -> None:
    configure_logs("info", "json" if form == "json" else "console")
    for log in (structlog.get_logger(), logging.getLogger("some.library")):
        try:
            _fail()
        except RuntimeError:
            log.exception("went.wrong")
        told = _told(capsys)
        assert "went.wrong" in told
        assert "RuntimeError at test_logs.py:" in told
        assert "< JSONDecodeError at test_logs.py:" in told
        assert "_fail" in told
        if form == "json":
            assert json.loads(told)["level"] == "error"


def test_an_exception_that_is_handed_over_is_told_alike(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info", "json")
    structlog.get_logger().error("went.wrong", exc_info=ValueError(SECRET))
    assert json.loads(_told(capsys))["exception"].startswith("ValueError at")
    structlog.get_logger().error("went.wrong", exc_info=True)
    assert "exception" not in json.loads(_told(capsys))


async def test_a_task_that_nobody_waited_for_is_told_without_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info", "json")

    async def fail() -> None:
        raise ValueError(SECRET)

    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    del task
    gc.collect()
    await asyncio.sleep(0)
    lines = [json.loads(line) for line in _told(capsys).splitlines()]
    assert any("never retrieved" in line["event"] and "ValueError" in line["exception"] for line in lines)


def test_less_than_the_level_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("warning", "console")
    structlog.get_logger().info("quiet")
    logging.getLogger("some.library").info("quiet")
    assert _told(capsys) == ""
    structlog.get_logger().warning("loud")
    assert "loud" in _told(capsys)


def test_at_level_debug_only_our_own_messages_are_added(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("debug", "json")
    for name in ("aiohttp.client", "asyncpg", "sqlalchemy.engine", "some.library"):
        logging.getLogger(name).debug("a body: %s", SECRET)
        logging.getLogger(name).info("a body: %s", SECRET)
    structlog.get_logger().debug("ours")
    assert json.loads(_told(capsys))["event"] == "ours"
    logging.getLogger("some.library").warning("something is wrong")
    assert "something is wrong" in _told(capsys)
