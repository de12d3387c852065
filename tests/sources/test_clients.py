"""What a client can ask is asked: data that nothing needs is not fetched, and not even typed."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "bridge" / "sources"
CLIENTS = sorted(SOURCES.glob("*/client.py"))


def parsed(folder: Path) -> Iterator[ast.AST]:
    """Every node of a source's code but its stand-in's."""
    for path in folder.rglob("*.py"):
        if "standin" not in path.relative_to(folder).parts:
            yield from ast.walk(ast.parse(path.read_text("utf-8")))


def public_methods(client: Path) -> set[str]:
    classes = [node for node in ast.parse(client.read_text("utf-8")).body if isinstance(node, ast.ClassDef)]
    found = (
        one.name for each in classes for one in each.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return {name for name in found if not name.startswith("_")}


@pytest.mark.parametrize("client", CLIENTS, ids=lambda path: path.parent.name)
def test_every_method_of_a_client_is_called_by_its_source(client: Path) -> None:
    used = {node.attr for node in parsed(client.parent) if isinstance(node, ast.Attribute)}
    assert len(public_methods(client)) > 1
    assert public_methods(client) - used == set()
