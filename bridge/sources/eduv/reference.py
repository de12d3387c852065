"""Naming a school to a register."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reference:
    """How a register knows a school or a board: by its primary identifier, or by a secondary one and its type."""

    primary: str = ""
    secondary: str = ""
    secondary_type: str = ""
