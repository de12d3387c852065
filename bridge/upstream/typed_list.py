"""Lists of big answers, decoded straight into objects that have only the fields that are used."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Generic, TypeVar, get_args

import msgspec
from msgspec.structs import FieldInfo, fields, replace

from bridge.errors import BadResponse
from bridge.upstream.reply import Body, parse_json

_ITEM = TypeVar("_ITEM", bound=msgspec.Struct)


class TypedList(Generic[_ITEM]):
    """A list in an object, such as `{"items": […]}`, whose items are of one type."""

    def __init__(self, item: type[_ITEM], under: str, *, optional: Collection[str] = ()) -> None:
        """Create it for the list that stands under the name `under`.

        An item with `optional` fields, also of objects in it, can be read without them. It has a field `lost` for the
        names of those that were of another type.
        """
        page = msgspec.defstruct("Page", [("listed", list[item])], rename={"listed": under})  # type: ignore[valid-type]
        self._decoder = msgspec.json.Decoder(page)
        self._item = item
        self._under = under
        self._optional = optional

    def read(self, body: Body, origin: str) -> list[Any]:
        """The items, each decoded; one that is not of the type is as `parse_json` gives it.

        All are decoded at once. Only where that fails, each is on its own, and without its optional fields of another
        type.

        Raises:
            BadResponse: the answer is not JSON, or has no such list.
        """
        document = bytes(body)
        try:
            return self._decoder.decode(document).listed  # type: ignore[attr-defined, no-any-return]
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return [self._one(item) for item in listed_under(self._under, document, origin)]

    def _one(self, item: Any) -> Any:
        if _fits(item, self._item):
            return msgspec.convert(item, self._item)
        lost: list[str] = []
        rest = _without_odd(item, self._item, self._optional, lost) if isinstance(item, dict) else item
        return (
            replace(msgspec.convert(rest, self._item), lost=tuple(lost)) if lost and _fits(rest, self._item) else item
        )


def _fits(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except (msgspec.ValidationError, ValueError, RecursionError):
        return False
    return True


def _without_odd(
    item: Mapping[str, Any], kind: type[msgspec.Struct], optional: Collection[str], lost: list[str]
) -> dict[str, Any]:
    """The item without optional fields of another type, whose names are added to `lost`."""
    rest = dict(item)
    for field in fields(kind):
        value = item.get(field.encode_name)
        if value is None or _fits(value, field.type):
            continue
        if field.name in optional:
            lost.append(field.name)
            del rest[field.encode_name]
        elif isinstance(value, dict):
            for inner in _objects(field):
                rest[field.encode_name] = _without_odd(value, inner, optional, lost)
    return rest


def _objects(field: FieldInfo) -> Iterator[type[msgspec.Struct]]:
    """The type of object that a field may have."""
    for kind in get_args(field.type) or (field.type,):
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            yield kind


def listed_under(name: str, document: Body | bytes, origin: str) -> list[Any]:
    """The list under `name` in an answer, not validated.

    Raises:
        BadResponse: the answer is not JSON, or has no such list.
    """
    answer = parse_json(document, origin)
    items = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(items, list):
        raise BadResponse(f"{origin} sent no list of {name}.")
    return items
