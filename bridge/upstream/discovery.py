"""Find the installed source types."""

import importlib
import pkgutil
import sys
from functools import lru_cache
from importlib.metadata import entry_points
from typing import Any

from bridge.upstream.source_type import SourceType

ENTRY_POINT_GROUP = "roosterbridge.sources"


def discover() -> dict[str, SourceType[Any]]:
    """The installed source types by name, sorted."""
    return dict(_found(tuple(sys.path)))


@lru_cache(maxsize=4)
def _found(_path: tuple[str, ...]) -> dict[str, SourceType[Any]]:
    """Those on a path: all that is installed there has to be read for it, and every command asks twice."""
    package = importlib.import_module("bridge.sources")
    modules = [f"bridge.sources.{found.name}" for found in pkgutil.iter_modules(package.__path__) if found.ispkg]
    types: list[SourceType[Any]] = [importlib.import_module(module).SOURCE for module in modules]
    types += [point.load() for point in entry_points(group=ENTRY_POINT_GROUP)]
    return {source_type.name: source_type for source_type in sorted(types, key=lambda found: found.name)}
