"""Bodies of answers, for tests that make them up."""

import json
from typing import Any

from bridge.upstream.reply import Body


def body(value: Any) -> Body:
    """A body that says `value` in JSON, or these bytes."""
    return Body((value if isinstance(value, bytes) else json.dumps(value).encode(),))
