"""Reading the lists that MyTimetable answers with, other than events. Pure."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bridge.errors import BadResponse

_MODEL = TypeVar("_MODEL", bound=BaseModel)


def listed(answer: Any, name: str, origin: str) -> list[Any]:
    """The list under `name` in an answer that has been parsed.

    Raises:
        BadResponse: there is none.
    """
    items = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(items, list):
        raise BadResponse(f"{origin} sent something else than its {name}.")
    return items


def each(items: list[Any], model: type[_MODEL], origin: str) -> list[_MODEL]:
    """The items; one that cannot be read is left out.

    Raises:
        BadResponse: more than half of them cannot be read.
    """
    found = []
    for item in items:
        try:
            found.append(model.model_validate(item))
        except (ValidationError, RecursionError):
            continue
    if len(found) * 2 < len(items):
        raise BadResponse(f"{origin} sent a list of {len(items)} items, of which {len(found)} could be read.")
    return found
