"""Checking in, on a person's page."""

import uuid
from collections.abc import Mapping

from aiohttp import web

from bridge.errors import BridgeError, Refused
from bridge.server.pages.languages import language_of, message
from bridge.server.pages.outcomes import Outcome, outcome
from bridge.server.pages.rendering import Renderer
from bridge.server.pages.visits import Visit, asker_of
from bridge.server.services import Services
from bridge.store.outbox import Outgoing
from bridge.sync.checkins import check_in, withdraw_check_in
from bridge.sync.desk import Asker
from bridge.upstream.writing import ChecksIn, DailyCheckIn, Deed

_NOT_A_NUMBER = message("Hours and mood are numbers.")
_NOT_SENT = message("Nothing was sent. Try again in a while.")


class CheckInPages:
    """The page on which a person says how a day was."""

    def __init__(self, services: Services, renderer: Renderer) -> None:
        self._services = services
        self._renderer = renderer

    async def show(self, visit: Visit) -> web.Response:
        """The form, and what came of the last one of today."""
        return await self._page(visit, await self._asker(visit), {}, "")

    async def act(self, visit: Visit) -> web.Response:
        """Check in, or withdraw it."""
        given = await visit.posted()
        asker = await self._asker(visit)
        user, account = visit.user.name, visit.account
        try:
            if given.get("do") == "withdraw":
                async with self._services.recorded(visit.user, "checkin withdraw", account):
                    await withdraw_check_in(self._services.desk, user, account)
            else:
                daily = _daily(given)
                async with self._services.recorded(visit.user, "checkin daily", account):
                    await check_in(self._services.desk, user, account, daily)
        except ValueError:
            return await self._page(visit, asker, given, _NOT_A_NUMBER)
        except Refused as error:
            said = _checks_in(asker).explain(error.code, language_of(visit.request))
            return await self._page(visit, asker, given, said or _NOT_SENT)
        except BridgeError:
            return await self._page(visit, asker, given, _NOT_SENT)
        raise visit.back(f"/checkin/{asker.at.name}{visit.which}", "sent")

    async def _asker(self, visit: Visit) -> Asker:
        asker = await asker_of(self._services.desk, visit)
        _checks_in(asker)
        return asker

    async def _page(self, visit: Visit, asker: Asker, given: Mapping[str, str], error: str) -> web.Response:
        day = self._services.clock().astimezone(asker.at.settings.zone).date().isoformat()
        outbox = await self._services.store.outbox.of_account(asker.stored.id)
        last = next((one for one in reversed(outbox) if one.write.about.get("day") == day), None)
        return self._renderer.page(
            visit.request,
            "checkin.html",
            status=422 if error else 200,
            visit=visit,
            at=asker.at,
            person=asker.person,
            given=given,
            error=error,
            last=self._outcome(visit, asker, last),
            withdrawn=last is not None and last.write.deed is Deed.WITHDRAW_CHECK_IN,
            key=given.get("key") or uuid.uuid4(),
        )

    def _outcome(self, visit: Visit, asker: Asker, last: Outgoing | None) -> Outcome | None:
        return None if last is None else outcome(asker.at, last, language_of(visit.request))


def _checks_in(asker: Asker) -> ChecksIn:
    if not isinstance(asker.at.source, ChecksIn):
        raise web.HTTPNotFound
    return asker.at.source


def _daily(given: Mapping[str, str]) -> DailyCheckIn:
    """What was filled in. Raises ValueError."""
    mood = given.get("mood", "").strip()
    return DailyCheckIn(
        hours=float(given.get("hours", "").strip().replace(",", ".")),
        mood=int(mood) if mood else None,
        mood_description=given.get("mood_description", "").strip(),
        comment=given.get("comment", "").strip(),
        key=given.get("key", ""),
    )
