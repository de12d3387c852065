"""From the HTML of teachers to plain text."""

import re
from collections.abc import Iterator
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

_BLOCKS = {"p", "div", "li", "ul", "ol", "tr", "table", "br", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "hr"}
_BEGINNINGS = dict.fromkeys(_BLOCKS, "\n") | {"li": "\n• ", "td": " ", "th": " "}
_UNSEEN = {"script", "style", "title", "template"}
_LONGEST = 100_000
_WHITE = re.compile(r"\s+")
_SPACES = re.compile(r"[ \t\xa0]+")
_BLOCK_IN_ITEM = re.compile(r"•\s+(?!•)")


@lru_cache(maxsize=1024)
def plain(html: str) -> str:
    """The text of `html`, in lines, with a bullet before each item of a list. Text without markup stays as it is.

    Only its first hundred thousand characters count. The last results are cached, since a class shares its homework.
    """
    html = html[:_LONGEST]
    if "<" not in html and "&" not in html:
        return html.strip()
    root = LexborHTMLParser(_closed(html)).root
    text = _SPACES.sub(" ", "".join(_pieces(root))) if root is not None else ""
    text = _BLOCK_IN_ITEM.sub("• ", text)
    return "\n".join(line for line in map(str.strip, text.split("\n")) if line not in {"", "•"})


def _closed(html: str) -> str:
    """`html` with a text in place of each tag that does not end."""
    end = html.rfind(">") + 1
    return html[:end] + html[end:].replace("<", "&lt;")


def _pieces(root: LexborNode) -> Iterator[str]:
    """The texts and the line breaks between them. Not recursive, since markup may be nested very deep."""
    waiting: list[LexborNode | str] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            yield node
        elif node.is_text_node:
            yield _WHITE.sub(" ", node.text_content or "")
        elif node.tag not in _UNSEEN:
            yield _BEGINNINGS.get(node.tag or "", "")
            if node.tag in _BLOCKS:
                waiting.append("\n")
            waiting.extend(reversed(list(node.iter(include_text=True))))
