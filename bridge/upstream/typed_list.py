"""Lists of big answers, decoded straight into objects that have only the fields that are used."""

from typing import Any, Generic, TypeVar

import msgspec

from bridge.errors import BadResponse
from bridge.upstream.reply import Body, parse_json

_ITEM = TypeVar("_ITEM", bound=msgspec.Struct)


class TypedList(Generic[_ITEM]):
    """A list in an object, such as `{"items": […]}`, whose items are of one type."""

    def __init__(self, item: type[_ITEM], under: str) -> None:
        """Create it for the list that stands under the name `under`."""
        page = msgspec.defstruct("Page", [("listed", list[item])], rename={"listed": under})  # type: ignore[valid-type]
        self._decoder = msgspec.json.Decoder(page)
        self._item = item
        self._under = under

    def read(self, body: Body, origin: str) -> list[Any]:
        """The items, each decoded; one that is not of the type is as `parse_json` gives it.

        All are decoded at once. Only where that fails, each is on its own.

        Raises:
            BadResponse: the answer is not JSON, or has no such list.
        """
        document = bytes(body)
        try:
            return self._decoder.decode(document).listed  # type: ignore[attr-defined, no-any-return]
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return [self._one(item) for item in listed_under(self._under, document, origin)]

    def _one(self, item: Any) -> Any:
        try:
            return msgspec.convert(item, self._item)
        except (msgspec.ValidationError, ValueError, RecursionError):
            return item


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
