"""How to name a school in requests to a register."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reference:
    """A school or a board, by its primary identifier or by a secondary one and its type."""

    primary: str = ""
    secondary: str = ""
    secondary_type: str = ""
