"""Values that a browser keeps for us in a cookie or a form, and that only we can read."""

import json
from datetime import datetime, timedelta
from typing import Any

from bridge.errors import ConfigError
from bridge.model.clock import Clock
from bridge.store.cipher import Cipher


class NotOurs(Exception):
    """A text was not sealed here for this purpose, or too long ago."""


class Sealer:
    """Seals values for one purpose, so that nothing which was sealed for another one can be given instead."""

    def __init__(self, cipher: Cipher, purpose: str, lasting: timedelta, clock: Clock) -> None:
        """Create it. What it seals can be opened for `lasting`."""
        self._cipher = cipher
        self._purpose = purpose
        self._lasting = lasting
        self._clock = clock

    def seal(self, **values: Any) -> str:
        """The values, which JSON can write, as a text that tells nothing."""
        until = (self._clock() + self._lasting).isoformat()
        return self._cipher.encrypt(json.dumps({"purpose": self._purpose, "until": until, "values": values}))

    def open(self, sealed: str) -> dict[str, Any]:
        """The values that were sealed. Raises NotOurs."""
        try:
            found = json.loads(self._cipher.decrypt(sealed))
        except (ConfigError, ValueError) as error:
            raise NotOurs from error
        if not isinstance(found, dict) or found.get("purpose") != self._purpose:
            raise NotOurs
        if datetime.fromisoformat(found["until"]) < self._clock():
            raise NotOurs
        values: dict[str, Any] = found["values"]
        return values
