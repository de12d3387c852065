"""HTML, as teachers write it, to plain lines."""

import re

from bs4 import BeautifulSoup, Comment
from bs4.element import NavigableString, Tag

_BLOCKS = {"p", "div", "li", "ul", "ol", "tr", "table", "br", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "hr"}
_BULLET = "\n• "
_CELLS = {"td": " ", "th": " "}
_UNSEEN = {"script", "style", "head", "title", "template"}


def plain(html: str) -> str:
    """The text of `html` in lines, a bullet before each item of a list; text without markup stays as it is."""
    if "<" not in html and "&" not in html:
        return html.strip()
    pieces: list[str] = []
    for node in BeautifulSoup(html, "html.parser").descendants:
        if isinstance(node, Tag):
            pieces.append(_BULLET if node.name == "li" else "\n" if node.name in _BLOCKS else _CELLS.get(node.name, ""))
        elif isinstance(node, NavigableString) and _seen(node):
            pieces.append(re.sub(r"\s+", " ", node))
            pieces.append(_end(node))
    text = re.sub(r"[ \t\xa0]+", " ", "".join(pieces))
    text = re.sub(r"•\s+(?!•)", "• ", text)  # what stands in a block of its own within an item
    return "\n".join(line for line in map(str.strip, text.split("\n")) if line not in {"", "•"})


def _seen(node: NavigableString) -> bool:
    return not isinstance(node, Comment) and (node.parent is None or node.parent.name not in _UNSEEN)


def _end(node: NavigableString) -> str:
    """A line break where a block ends with this text."""
    last: Tag | NavigableString = node
    while last.next_sibling is None and last.parent is not None:
        last = last.parent
        if last.name in _BLOCKS:
            return "\n"
    return ""
