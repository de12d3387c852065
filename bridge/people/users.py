"""Add the people whose calendars are made."""

from bridge.errors import NameTaken
from bridge.model.clock import Clock
from bridge.store.storage import Store
from bridge.store.users import User


async def add_user(store: Store, name: str, title: str, clock: Clock) -> User:
    """Add a user.

    Raises:
        NameTaken: a user of that name exists, or of one that differs in case alone.
    """
    twin = await store.users.like(name)
    if twin not in {None, name}:
        raise NameTaken(f'A user called "{twin}" exists already, and two names may not differ in case alone.')
    await store.users.add(name, title or name, clock())
    return await store.users.get(name)
