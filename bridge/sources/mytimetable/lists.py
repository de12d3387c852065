"""Lists in the answers of MyTimetable, other than events. Pure."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bridge.errors import BadResponse

_MODEL = TypeVar("_MODEL", bound=BaseModel)


def listed(answer: Any, name: str, origin: str) -> list[Any]:
    """The list under `name` in a parsed answer. An object in its place is the only item: so writes what makes XML too.

    Raises:
        BadResponse: there is no such list.
    """
    items = answer.get(name) if isinstance(answer, dict) else None
    if isinstance(items, dict):
        return [items]
    if not isinstance(items, list):
        raise BadResponse(f'{origin} did not send the list "{name}".')
    return items


def each(items: list[Any], model: type[_MODEL], origin: str) -> list[_MODEL]:
    """The items as models, without those that cannot be read.

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
