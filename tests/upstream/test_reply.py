"""The JSON in answers."""

import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.errors import BadResponse
from bridge.upstream.reply import parse_json
from tests.upstream.misbehaving import asking, refused, saying


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b'{"name": "hunter2', "cut off"),
        (b"hunter2", "not JSON"),
        (b'{"hunter2"}', "not JSON"),
        (b'{"name": "hunter2\xff"}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"<!doctype html><p>hunter2", "a web page"),
        (b"\n <html>hunter2</html>", "a web page"),
        (b'<?xml version="1.0"?><name>hunter2</name>', "XML"),
    ],
)
async def test_what_is_not_json_is_named_and_not_asked_for_again(body: bytes, sentence: str) -> None:
    async with asking(saying(body)) as (http, upstream):
        error = await refused(http, upstream.url)
        assert isinstance(error, BadResponse)
        assert sentence in error.sentence
        assert len(upstream.requests) == 1


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'{"a": "one\x00\n\ttwo"}', {"a": "one\x00\n\ttwo"}),
        (b"\xef\xbb\xbf[1]", [1]),
        (b"[-Infinity]", [float("-inf")]),
        (b'"\\ud800"', "\ud800"),
        ('"één"'.encode(), "één"),
    ],
)
async def test_json_with_the_usual_blemishes_is_read(body: bytes, value: object) -> None:
    async with asking(saying(body)) as (http, upstream):
        assert (await http.get(upstream.url)).json() == value


@given(st.binary())
@example(b" " * 600 + b"{}")
@example(b"\xef\xbb\xbf" + b"9" * 5000)
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        parse_json(body, "Fortes")
    except BadResponse as error:
        assert error.sentence.startswith("Fortes sent ")  # noqa: PT017 - both ways out are right


def test_json_after_much_white_space_is_read() -> None:
    assert parse_json(b"\n" * 600 + b"{}", "Fortes") == {}


@pytest.mark.parametrize("piece", [b"[]", b"{}", b'"a"', b"0.1", b"1"])
def test_millions_of_values_are_refused_before_they_take_memory(piece: bytes) -> None:
    def items(count: int) -> bytes:
        return b"[" + b",".join([piece] * count) + b"]"

    body = items(8_000_000 // (len(piece) + 1))
    tracemalloc.start()
    try:
        with pytest.raises(BadResponse, match="Fortes sent an answer with more values than any list of a person has"):
            parse_json(body, "Fortes")
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert len(parse_json(items(200_000), "Fortes")) == 200_000
