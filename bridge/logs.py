"""The log on standard error: no token, no name of a person, nothing that an upstream sent."""

import logging
import sys
import traceback
from contextlib import suppress
from io import TextIOBase
from types import TracebackType
from typing import Literal, TextIO, cast

import stamina.instrumentation
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_SHOWN_FRAMES = 12
_QUIET = ("alembic", "asyncio", "sqlalchemy", "aiohttp.access")


def configure_logs(level: str, form: Literal["console", "json"]) -> None:
    """Log to standard error in one form, also warnings and errors of libraries."""
    stamina.instrumentation.set_on_retry_hooks([])
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_words,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Unfailing(sys.stderr))),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(max(number, logging.WARNING))  # what libraries say below that may have secrets in it
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_first_line, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=number, force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))


class _Unfailing(TextIOBase):
    """A stream on which writing never fails: a log on a full disk must not end what it tells of."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write `text`, or drop it."""
        with suppress(OSError, ValueError):
            return self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Write what waits, or drop it."""
        with suppress(OSError, ValueError):
            self._stream.flush()


def _first_line(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The first line of a library's message: asyncio writes the text of an exception below it."""
    event["event"] = str(event["event"]).partition("\n")[0]
    return event


def _without_words(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """An exception as types and places. Its text may contain an address, a body or a person's name."""
    info = event.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["exception"] = " < ".join(_chain(error))
    return event


def _chain(error: BaseException | None) -> list[str]:
    chain = []
    while error is not None:
        chain.append(f"{type(error).__name__} at {_places(error.__traceback__)}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return chain


def _places(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)[-_SHOWN_FRAMES:]
    return " ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}:{frame.name}" for frame in frames)
