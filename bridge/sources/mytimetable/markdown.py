"""From Markdown (CommonMark), the format of messages, to plain text."""

from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

LONGEST = 10_000
"""Characters that are read of one text; no calendar shows more, and parsing takes its time."""

_PARSER = MarkdownIt("commonmark", {"html": False})


def plain_text(markdown: str) -> str:
    """The text of `markdown` without marks. List items keep their bullets, links their addresses."""
    text = markdown if len(markdown) <= LONGEST else markdown[:LONGEST].rstrip() + " …"
    return _blocks(SyntaxTreeNode(_PARSER.parse(text)).children, "\n\n")


def _blocks(nodes: Sequence[SyntaxTreeNode], between: str) -> str:
    return between.join(filter(None, map(_block, nodes)))


def _block(node: SyntaxTreeNode) -> str:
    match node.type:
        case "inline":
            return _inline(node.children).strip()
        case "fence" | "code_block":
            return node.content.rstrip("\n")
        case "bullet_list":
            return "\n".join(_item("- ", item) for item in node.children)
        case "ordered_list":
            first = int(node.attrs.get("start", 1))
            return "\n".join(_item(f"{number}. ", item) for number, item in enumerate(node.children, first))
        case "blockquote":
            return _blocks(node.children, "\n\n")
        case _:
            return _blocks(node.children, "\n")


def _item(bullet: str, item: SyntaxTreeNode) -> str:
    lines = _blocks(item.children, "\n").split("\n")
    return "\n".join([bullet + lines[0], *(" " * len(bullet) + line for line in lines[1:])])


def _inline(nodes: Sequence[SyntaxTreeNode]) -> str:
    return "".join(_pieces(nodes))


def _pieces(nodes: Sequence[SyntaxTreeNode]) -> Iterator[str]:
    for node in nodes:
        if node.type in {"softbreak", "hardbreak"}:
            yield "\n" if node.type == "hardbreak" else " "
        elif node.type == "link":
            text, address = _inline(node.children), str(node.attrs.get("href", ""))
            yield text if address in {text, f"mailto:{text}", ""} else f"{text} ({address})"
        elif node.children:
            yield _inline(node.children)
        else:
            yield node.content
