"""Everything that is kept about a person, for that person."""

from typing import Any

import orjson
from msgspec import Struct, structs

from bridge.model.event import Kind
from bridge.store.account import StoredAccount
from bridge.store.storage import Store


async def everything_about(store: Store, name: str) -> dict[str, Any]:
    """What is kept about a user, as JSON values. Of secrets it only says that they are kept.

    Raises:
        UnknownName: the user does not exist.
    """
    user = await store.users.get(name)
    events = [entry for entry in await store.events.of_user(name, tuple(Kind), None) if not entry.shared]
    accounts = [
        {
            **(await _account(store, account)),
            "events": [entry for entry in events if (entry.source, entry.account) == (account.source, account.name)],
        }
        for account in await store.accounts.all(user=name)
    ]
    feeds = [
        {
            "name": feed.name,
            "title": feed.title,
            "kinds": feed.kinds,
            "sources": feed.sources,
            "options": feed.options,
            "members": feed.members,
            "created": feed.created,
            "revised": feed.revised,
            "last_read": feed.last_read,
            "read_by": feed.reader,
            "address": "kept encrypted",
        }
        for feed in await store.feeds.all(user=name)
    ]
    teams = [{"user": owner, "feed": feed} for owner, feed in await store.teams.shown_in(user.id)]
    about = {
        "user": {"name": user.name, "title": user.title, "created": user.created},
        "page": "kept encrypted" if await store.links.exists(name) else None,
        "accounts": accounts,
        "feeds": feeds,
        "member_of": teams,
        "school_accounts": await store.identities.of_user(user),
        "signed_in": [{"since": one.created, "seen": one.seen} for one in await store.sessions.of_user(user)],
    }
    value: dict[str, Any] = orjson.loads(orjson.dumps(about, default=_plain))
    return value


async def _account(store: Store, account: StoredAccount) -> dict[str, Any]:
    job = await store.jobs.get(account.id)
    known = {} if job is None else job.known
    return {
        "source": account.source,
        "name": account.name or None,
        "first_name": account.first_name or None,
        "identity": account.identity,
        "person": account.person,
        "options": account.options,
        "login": None if account.credential_id is None else "kept encrypted",
        "state": account.state,
        "last_ok": account.last_ok,
        "last_error": account.last_error,
        "written": [
            {
                "what": one.write.deed,
                "about": one.write.about,
                "state": one.state,
                "code": one.code,
                "created": one.created,
                "changed": one.changed,
                "content": None if one.answered else "kept encrypted until it is answered",
            }
            for one in await store.outbox.of_account(account.id)
        ],
        "groups": await store.teams.groups_of(account.id),
        "names": await store.names.of_account(account.id),
        "answers": {
            part.value: {name: body.decode("utf-8", "replace") for name, body in one.remembered.items()}
            for part, one in known.items()
            if one.remembered
        },
    }


def _plain(value: Any) -> Any:
    """What JSON has no form of its own for."""
    if isinstance(value, Struct):
        return structs.asdict(value)
    return dict(value) if hasattr(value, "keys") else list(value)
