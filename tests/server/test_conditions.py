"""Conditional requests and Accept-Encoding, against slow readings of RFC 9110."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.server.feeds import CachedFeed, accepts_gzip, unchanged
from bridge.store.renderings import PublishedHead

MODIFIED = datetime(2026, 11, 22, 10, 0, 5, tzinfo=UTC)
ETAG = 'W/"abc"'
FOUND = CachedFeed.of(0, PublishedHead(1, ETAG, MODIFIED), 0.0)

spaces = st.sampled_from(["", " ", "\t", "  "])
tags = st.builds("{}{}".format, st.sampled_from(["", "W/"]), st.sampled_from(['"abc"', '"abd"', '"a,bc"', '"*"']))
tag_lists = st.lists(st.tuples(spaces, tags, spaces), min_size=1, max_size=4).map(
    lambda found: ",".join("".join(one) for one in found)
)
weights = st.sampled_from([None, "0", "0.0", "0.000", "0.001", "0.5", "1", "1.000"])
codings = st.lists(
    st.tuples(st.sampled_from(["gzip", "GZip", "*", "br", "identity", "deflate"]), weights, spaces),
    max_size=5,
    unique_by=lambda item: item[0].lower(),
)


def asking(**headers: str) -> web.Request:
    """A request with these headers, as they are when they have been received: without white space at their ends."""
    given = {name.replace("_", "-"): value.strip() for name, value in headers.items()}
    return make_mocked_request("GET", "/", headers=given)


def _has_the_etag(field: str) -> bool:
    """RFC 9110, 13.1.2 and 8.8.3.2: any tag of the list has the same opaque part."""
    if field.strip() == "*":
        return True
    return '"abc"' in re.findall(r'(?:W/)?("[^"]*")', field)


def _takes_gzip(items: list[tuple[str, str | None, str]]) -> bool:
    """RFC 9110, 12.5.3: what is said of gzip itself goes before what is said of the rest."""
    said = {coding.lower(): float(weight or "1") for coding, weight, _ in items}
    if "gzip" in said:
        return said["gzip"] > 0
    return said.get("*", 0) > 0


@given(tag_lists | st.just(" * "), st.none() | st.text())
def test_if_none_match_compares_weakly_and_goes_before_the_date(field: str, since: str | None) -> None:
    date = {} if since is None else {"If_Modified_Since": since}
    assert unchanged(asking(If_None_Match=field, **date), FOUND) == _has_the_etag(field)


def test_an_empty_tag_is_never_ours() -> None:
    assert unchanged(asking(If_None_Match='""'), FOUND) is False
    assert unchanged(asking(If_None_Match='"abc",""'), FOUND) is True


@given(st.integers(-100_000, 100_000), st.sampled_from(["rfc9110", "asctime", "rfc850", "offset"]))
def test_if_modified_since_takes_every_form_of_date(seconds: int, form: str) -> None:
    moment = MODIFIED + timedelta(seconds=seconds)
    texts = {
        "rfc9110": format_datetime(moment, usegmt=True),
        "asctime": f"{moment:%a %b} {moment.day:2} {moment:%H:%M:%S %Y}",
        "rfc850": f"{moment:%A, %d-%b-%y %H:%M:%S} GMT",
        "offset": format_datetime(moment),
    }
    assert unchanged(asking(If_Modified_Since=texts[form]), FOUND) == (seconds >= 0)


@given(st.text(), st.text())
@example("", "Sun, 22 Nov 99999999999999999999 10:00:00 GMT")
@example("", "Mon, 01 Jan 0001 00:00:00 +2359")
@example("", "Fri, 31 Dec 9999 23:59:59 -2359")
@example("", "Sun, 22 Nov 2026 10:00:00 +99999999")
def test_nonsense_in_a_condition_is_no_condition(etags: str, since: str) -> None:
    assert unchanged(asking(), FOUND) is False
    if '"abc"' not in etags and etags.strip() != "*":
        assert unchanged(asking(If_None_Match=etags), FOUND) is False
    if not any(character.isdigit() for character in since):
        assert unchanged(asking(If_Modified_Since=since), FOUND) is False
    assert unchanged(asking(If_Modified_Since=since), FOUND) in {True, False}


@given(codings)
def test_gzip_is_accepted_as_the_weights_say(items: list[tuple[str, str | None, str]]) -> None:
    header = ",".join(
        f"{space}{coding}{space}" + (f";{space}q={weight}{space}" if weight is not None else "")
        for coding, weight, space in items
    )
    assert accepts_gzip(header) == _takes_gzip(items)


@given(st.text())
def test_nonsense_in_accept_encoding_does_not_raise(header: str) -> None:
    assert accepts_gzip(header) in {True, False}
