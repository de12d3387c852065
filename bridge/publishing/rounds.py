"""Have the inspector go on, once a minute, while the service runs."""

from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bridge.errors import StorageError
from bridge.publishing.inspector import Inspector

_MINUTES = 1
log = structlog.get_logger()


class Rounds:
    """The rounds of an inspector, by the wall clock: when that is set back they wait, which does no harm."""

    def __init__(self, inspector: Inspector) -> None:
        self._inspector = inspector
        self._jobs = AsyncIOScheduler(timezone=UTC)

    def start(self) -> None:
        """Go on now, and once a minute until `stop`."""
        self._jobs.add_job(
            self._go_on,
            "interval",
            minutes=_MINUTES,
            next_run_time=datetime.now(UTC),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
        self._jobs.start()

    def stop(self) -> None:
        """Begin nothing more."""
        if self._jobs.running:
            self._jobs.shutdown(wait=False)

    async def _go_on(self) -> None:
        try:
            await self._inspector.inspect_some()
        except StorageError:  # it has logged that, and may be back the next time
            return
        except Exception:  # a bug must not end the rounds
            log.exception("inspection.not_finished")
