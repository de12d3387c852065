"""The rooms of `bridge/` and what each of them imports, read from the source text."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "bridge"


def rooms() -> dict[str, str]:
    """What each folder and each loose module of the package is for: the first sentence of its docstring, by name."""
    found = {}
    for path in sorted(PACKAGE.iterdir()):
        module = path / "__init__.py" if path.is_dir() else path
        if module.suffix == ".py" and module.exists() and not path.name.startswith("__"):
            docstring = ast.get_docstring(ast.parse(module.read_text("utf-8"))) or ""
            found[path.stem] = " ".join(docstring.split("\n\n")[0].split())
    return found


def imports() -> dict[str, set[str]]:
    """The rooms that each room imports, wherever the import stands in its modules."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    known = rooms().keys()
    for path in PACKAGE.rglob("*.py"):
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        imported = {name for module in _imported(ast.parse(path.read_text("utf-8"))) for name in module.split(".")[1:2]}
        if room in known:
            found[room] |= (imported & known) - {room}
    return {room: found[room] for room in sorted(known)}


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.startswith("bridge."))


def needed_arrows(graph: Mapping[str, set[str]]) -> set[tuple[str, str]]:
    """The arrows of a graph without circles that do not follow from other arrows."""
    below = {room: _reached(graph, room) for room in graph}
    return {
        (room, other)
        for room, others in graph.items()
        for other in others
        if not any(other in below[between] for between in others)
    }


def _reached(graph: Mapping[str, set[str]], room: str) -> set[str]:
    found: set[str] = set()
    waiting = [room]
    while waiting:
        for other in graph[waiting.pop()] - found:
            found.add(other)
            waiting.append(other)
    if room in found:
        raise ValueError(f"{room} imports itself by way of other rooms")
    return found
