"""Other processes on the same storage."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from bridge.store.lock import Lock

_HOLD_A_LOCK = """
import asyncio, sys
from bridge.store.database import Database
from bridge.store.locks import Lock, Locked, Locks

async def hold():
    async with Locks(Database(sys.argv[1])).hold(Lock(Locked(int(sys.argv[2])), int(sys.argv[3]))):
        print("ready", flush=True)
        await asyncio.Event().wait()

asyncio.run(hold())
"""

OPEN_ON_SIGNAL = """
import asyncio, sys
from datetime import UTC, datetime
from bridge.store.storage import open_store
from bridge.store.cipher import Cipher

async def open_it():
    print("ready", flush=True)
    sys.stdin.readline()
    async with open_store(sys.argv[1], Cipher([sys.argv[2]]), lambda: datetime.now(UTC)) as store:
        await store.users.add(sys.argv[3], "", datetime.now(UTC))

asyncio.run(open_it())
"""

UPGRADE_AND_DIE = """
import asyncio, os, signal, sys
from bridge.store.database import Database
from tests.store.earlier import bring_to

async def upgrade():
    print("ready", flush=True)
    sys.stdin.readline()
    await Database(sys.argv[1]).write(bring_to_head_and_die)

def bring_to_head_and_die(connection):
    bring_to(connection, "head")
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(upgrade())
"""


def holding(storage_url: str, lock: Lock) -> AbstractAsyncContextManager[asyncio.subprocess.Process]:
    """Another process that holds a lock."""
    return running(_HOLD_A_LOCK, storage_url, str(int(lock.of)), str(lock.id))


@asynccontextmanager
async def running(program: str, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A Python program in a process of its own, once it has said that it is ready; killed at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
