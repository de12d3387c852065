"""INSERT … ON CONFLICT DO NOTHING, which SQLAlchemy has once for each sort of database."""

from importlib import import_module
from typing import Any

from sqlalchemy import Dialect, Insert, Table


def insert_new(dialect: Dialect, table: Table) -> Insert:
    """A statement that inserts rows without those whose keys are there already."""
    module: Any = import_module(f"sqlalchemy.dialects.{dialect.name}")  # the one that is in use: the other takes 2 MB
    statement: Insert = module.insert(table).on_conflict_do_nothing()
    return statement
