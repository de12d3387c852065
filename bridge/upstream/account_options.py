"""The options of an account."""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from bridge.errors import ConfigError
from bridge.settings.nearest import nearest


class AccountOptions(BaseModel):
    """The options of an account: a field for each, with its description. Most sources have none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def parse(cls, given: Mapping[str, str], origin: str) -> Self:
        """Parse the options in `given`. The others have their defaults. `origin` is the name of the source for people.

        Raises:
            ConfigError: an option or a value is unknown. The sentence names the nearest known option, if there is one.
        """
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        if first["type"] != "extra_forbidden":
            raise ConfigError(f"The option {name} of an account at {origin} is not valid: {first['msg']}.")
        raise ConfigError(f"An account at {origin} has no option {name}; {nearest(name, cls.model_fields)}.")
