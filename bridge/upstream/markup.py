"""From HTML to plain text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from bridge.model.event import Event

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_VALUE = TypeVar("_VALUE")
_BLOCKS = {"p", "div", "li", "ul", "ol", "tr", "table", "br", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "hr"}
_BEGINNINGS = dict.fromkeys(_BLOCKS, "\n") | {"li": "\n• ", "td": " ", "th": " "}
_UNSEEN = {"script", "style", "title", "template"}
_LONGEST, _USUAL = 100_000, 4_000
_WHITE = re.compile(r"\s+")
_SPACES = re.compile(r"[ \t\xa0]+")
_BLOCK_IN_ITEM = re.compile(r"•\s+(?!•)")
_BLOCK = re.compile(r"<(?:br|p|div|li|tr|h[1-6])\b", re.IGNORECASE)
_MARKUP = re.compile(
    r"</?(?:a|b|blockquote|br|code|div|em|font|h[1-6]|hr|i|img|li|ol|p|pre|s|small|span|strong|su[bp]|table|tbody|t[dhr]"
    r"|thead|u|ul)(?:\s[^<>]*|/)?>|&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,10});",
    re.IGNORECASE,
)
_LINES = ("title", "subject", "code", "label", "mood")
_SEVERAL_LINES = ("tags", "groups", "teachers", "locations", "projects")
_TEXTS = ("notes", "private_notes", "reason")


def plain(html: str) -> str:
    """The text of `html`, in lines, with a bullet before each item of a list. Text without markup stays as it is.

    The address that a link opens stands in parentheses behind its words. Only the first hundred thousand characters
    count. The last results are cached, since a class shares its homework, but for very long ones.
    """
    return (_cached if len(html) <= _USUAL else _text)(html, with_addresses=True)


def heading(html: str) -> str:
    """The text of `html` on one line, as for a title: without the addresses of links."""
    return " ".join((_cached if len(html) <= _USUAL else _text)(html, with_addresses=False).split())


def first_line(html: str) -> str:
    """The first line of `plain`, as for a title: without the addresses of links."""
    return _text(html, with_addresses=False).partition("\n")[0]


def without_markup(event: Event) -> Event:
    """`event` without tags and entities, from a system whose texts are plain, as far as people write plain ones."""
    changed: dict[str, object] = {}
    for name in _LINES:
        _note(changed, name, getattr(event, name), _heading_of)
    for name in _TEXTS:
        _note(changed, name, getattr(event, name), _plain_of)
    for name in _SEVERAL_LINES:
        _note(changed, name, getattr(event, name), lambda texts: tuple(map(_heading_of, texts)))
    return replace(event, **changed) if changed else event


def _note(changed: dict[str, object], name: str, value: _VALUE, clean: Callable[[_VALUE], _VALUE]) -> None:
    if value and (cleaned := clean(value)) != value:
        changed[name] = cleaned


def _heading_of(text: str) -> str:
    return heading(text) if _has_markup(text) else text


def _plain_of(text: str) -> str:
    """The plain text; its own lines stay where its markup has none."""
    if not _has_markup(text):
        return text
    return plain(text if _BLOCK.search(text) else text.replace("\n", "<br>"))


def _has_markup(text: str) -> bool:
    """Whether there is a tag or an entity in `text`, and not just "<" or "&" between words."""
    return ("<" in text or "&" in text) and _MARKUP.search(text) is not None


def _text(html: str, *, with_addresses: bool) -> str:
    html = html[:_LONGEST]
    if "<" not in html and "&" not in html:
        return html.strip()
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415 - 2 MB, only with markup

    root = LexborHTMLParser(_closed(html)).root
    text = _SPACES.sub(" ", "".join(_pieces(root, with_addresses=with_addresses))) if root is not None else ""
    text = _BLOCK_IN_ITEM.sub("• ", text)
    return "\n".join(line for line in map(str.strip, text.split("\n")) if line not in {"", "•"})


_cached = lru_cache(maxsize=2048)(_text)


def _closed(html: str) -> str:
    """`html` with a text in place of each tag that does not end."""
    end = html.rfind(">") + 1
    return html[:end] + html[end:].replace("<", "&lt;")


@dataclass(frozen=True, slots=True)
class _Address:
    """Where a link leads whose words end here."""

    text: str

    def is_said_by(self, words: str) -> bool:
        """Whether the words of the link are its address."""
        return words.strip().rstrip("/").casefold() == self.text.rstrip("/").casefold()


def _pieces(root: LexborNode, *, with_addresses: bool) -> Iterator[str]:
    """The texts and the line breaks between them. Not recursive, since markup may be nested very deep."""
    waiting: list[LexborNode | _Address | str] = [root]
    words = ""
    while waiting:
        node = waiting.pop()
        if isinstance(node, _Address):
            yield "" if node.is_said_by(words) else f" ({node.text}){' ' if words.endswith(' ') else ''}"
        elif isinstance(node, str):
            yield node
        elif node.is_text_node:
            words = _WHITE.sub(" ", node.text_content or "")
            yield words
        elif node.tag not in _UNSEEN:
            yield _BEGINNINGS.get(node.tag or "", "")
            if node.tag in _BLOCKS:
                waiting.append("\n")
            if with_addresses and (address := _address(node)) is not None:
                waiting.append(address)
            waiting.extend(reversed(list(node.iter(include_text=True))))


def _address(node: LexborNode) -> _Address | None:
    """What a link opens: a page, or a mailbox."""
    target = "".join((node.attributes.get("href") or "").split()) if node.tag == "a" else ""
    scheme, _, rest = target.partition(":")
    match scheme.casefold():
        case "http" | "https" if rest.strip("/"):
            return _Address(target)
        case "mailto" if rest:
            return _Address(rest.partition("?")[0])
        case _:
            return None
