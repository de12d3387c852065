"""Lists with items that may be unreadable."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from bridge.errors import BadResponse

Model = TypeVar("Model", bound=BaseModel)


def readable(items: Iterable[Any], model: type[Model]) -> list[tuple[Any, Model | None]]:
    """The items, each with its model, or `None` if it cannot be read."""
    return [(item, _read(item, model)) for item in items]


def _read(item: Any, model: type[Model]) -> Model | None:
    try:
        return model.model_validate(item)
    except (ValidationError, ValueError, OverflowError):
        return None


@dataclass(frozen=True, slots=True)
class Listing(Generic[Model]):
    """The list that a call returned, with the model of its items."""

    items: tuple[Any, ...]
    model: type[Model]
    origin: str

    def joined(self, others: "Iterable[Listing[Model]]") -> "Listing[Model]":
        """This list with all others, as one."""
        return replace(self, items=(*self.items, *(item for other in others for item in other.items)))

    def read(self) -> list[tuple[Any, Model | None]]:
        """The items, each with its model, or `None` if it cannot be read.

        Raises:
            BadResponse: more than half of them cannot be read.
        """
        pairs = readable(self.items, self.model)
        skipped = sum(1 for _, read in pairs if read is None)
        if skipped * 2 > len(pairs):
            raise BadResponse(f"{self.origin} sent {len(pairs)} items, of which {skipped} could not be read.")
        return pairs

    def all(self) -> list[Model]:
        """The models of the readable items. Raises what `read` raises."""
        return [read for _, read in self.read() if read is not None]
