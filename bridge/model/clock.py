"""The time now, as a value that can be handed in."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
