"""The task that publishes feeds while the service runs."""

import asyncio

import structlog

from bridge.errors import StorageError
from bridge.publishing.publisher import Publisher

log = structlog.get_logger()


class PublishingWorker:
    """Publishes the wanted feeds whenever it is woken, so that a refresh need not wait for it."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._woken = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Publish soon, since feeds may be wanted. Nothing happens before `start`."""
        self._woken.set()

    def start(self) -> None:
        """Publish the wanted feeds now, and again after each `wake` until `stop`."""
        self.wake()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Finish the feeds that are being made. The others stay wanted."""
        self._stopping = True
        self.wake()
        if self._task is not None:
            await self._task

    async def finish(self) -> None:
        """Publish all wanted feeds, also those that failed before. `stop` ends this early."""
        self._publisher.try_again()
        await self._publish()

    async def _run(self) -> None:
        while not self._stopping:
            await self._woken.wait()
            self._woken.clear()
            try:
                await self._publish()
            except StorageError:  # it has logged that, and may be back the next time
                continue
            except Exception:  # a bug must not end publishing
                log.exception("publishing.not_finished")

    async def _publish(self) -> None:
        while not self._stopping and await self._publisher.publish_some():
            pass
