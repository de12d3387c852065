"""What a student writes in Check-in: how a day was.

Check-in chooses the id of a check-in, so that sending one twice makes two: it is sent once, and looked up if no answer
comes.
"""

import uuid
from collections.abc import Mapping
from datetime import date, timedelta

from bridge.errors import Refused
from bridge.model.clock import Clock
from bridge.model.event import AllDay, Event, Kind, Part, Progress
from bridge.model.window import Window
from bridge.settings.schema import SourceSettings
from bridge.sources.checkin.client import CheckinClient
from bridge.sources.checkin.mapping import TITLE, daily_identity, items_of
from bridge.sources.checkin.models import CheckIn
from bridge.upstream.contract import Account
from bridge.upstream.credential import CredentialSlot
from bridge.upstream.writing import DailyCheckIn, Deed, Write

_KEYS = uuid.UUID("6f0d8e1a-3a4e-5b6f-8a15-0c5b7b0f1d52")
_DAY = timedelta(days=1)
_MOST_HOURS, _LOWEST_MOOD, _HIGHEST_MOOD, _LONGEST_TEXT = 24, 1, 10, 2000
_RELATION = "daily-checkins"
_COLUMNS = ("nl", "en", "fr")
_SENTENCES: Mapping[str, tuple[str, str, str]] = {
    "400": (
        "Check-in neemt deze waarden niet aan.",
        "Check-in does not take these values.",
        "Check-in n'accepte pas ces valeurs.",
    ),
    "403": (
        "Je mag dit in Check-in niet veranderen.",
        "You may not change this in Check-in.",
        "Vous ne pouvez pas changer cela dans Check-in.",
    ),
    "404": (
        "Er is vandaag geen check-in.",
        "There is no check-in today.",
        "Il n'y a pas de check-in aujourd'hui.",
    ),
    "hours": (
        "De uren zijn een getal van 0 tot en met 24.",
        "The hours are a number from 0 to 24.",
        "Les heures sont un nombre de 0 à 24.",
    ),
    "mood": (
        "De stemming is een getal van 1 tot en met 10.",
        "The mood is a number from 1 to 10.",
        "L'humeur est un nombre de 1 à 10.",
    ),
    "text": (
        "Een tekst heeft hoogstens 2000 tekens.",
        "A text has at most 2000 characters.",
        "Un texte compte 2000 caractères au plus.",
    ),
}


class WritesCheckIns:
    """The part of the source that writes; see `bridge.upstream.writing`: ChecksIn, LooksUp."""

    def __init__(self, settings: SourceSettings, client: CheckinClient, clock: Clock) -> None:
        self._settings = settings
        self._client = client
        self._clock = clock

    def explain(self, code: str, language: str) -> str | None:
        """See `Writes.explain`."""
        sentences = _SENTENCES.get("400" if code == "422" else code)
        return None if sentences is None else sentences[_COLUMNS.index(language)]

    def plan_check_in(self, account: Account, check_in: DailyCheckIn) -> Write:  # noqa: ARG002 - everybody has one a day
        """See `ChecksIn.plan_check_in`."""
        self._check(check_in)
        day = self._today()
        body = {
            "mood_score": check_in.mood,
            "mood_description": check_in.mood_description,
            "hours_worked": check_in.hours,
            "comment": check_in.comment,
        }
        when = AllDay(day, day + _DAY)
        return Write(
            key=str(uuid.uuid5(_KEYS, check_in.key) if check_in.key else uuid.uuid4()),
            deed=Deed.CHECK_IN,
            about={"day": day.isoformat(), "hours": f"{check_in.hours:g}"},
            content={name: value for name, value in body.items() if value not in {None, ""}},
            part=Part.CHECKINS,
            identity=daily_identity(day),
            event=Event(
                daily_identity(day),
                Kind.CHECKIN,
                when,
                title=TITLE,
                progress=Progress.DONE,
                hours=check_in.hours,
                reported=True,
            ),
            repeatable=False,
        )

    def plan_check_in_withdrawal(self, account: Account) -> Write:  # noqa: ARG002 - everybody has one a day
        """See `ChecksIn.plan_check_in_withdrawal`."""
        day = self._today()
        return Write(
            key=str(uuid.uuid4()),
            deed=Deed.WITHDRAW_CHECK_IN,
            about={"day": day.isoformat()},
            part=Part.CHECKINS,
            identity=daily_identity(day),
        )

    async def write(self, account: Account, slot: CredentialSlot, write: Write, *, again: bool) -> Mapping[str, str]:
        """See `Writes.write`. Another check-in of the day is withdrawn first: Check-in has no way to change one."""
        token, person = slot.secret or "", account.person
        before = await self._of_day(token, person, write)
        if write.deed is Deed.WITHDRAW_CHECK_IN and not before and not again:
            raise Refused(self.explain("404", "en") or "", "404")
        for one in before:
            await self._client.withdraw(token, person, _RELATION, one.id)
        if write.deed is Deed.CHECK_IN:
            await self._client.add(token, person, _RELATION, write.content)
        return {}

    async def has(self, account: Account, slot: CredentialSlot, write: Write) -> bool:
        """See `LooksUp.has`."""
        hours = float(write.about["hours"])
        return any(one.hours_worked == hours for one in await self._of_day(slot.secret or "", account.person, write))

    async def _of_day(self, token: str, person: str, write: Write) -> list[CheckIn]:
        day, zone = date.fromisoformat(write.about["day"]), self._settings.zone
        pages = await self._client.check_ins(token, person, _RELATION, Window(day, day + _DAY), zone)
        items = [CheckIn.model_validate(item) for page in pages for item in items_of(page, self._client.origin)]
        return [one for one in items if one.id and one.created_at.astimezone(zone).date() == day]

    def _check(self, check_in: DailyCheckIn) -> None:
        """Refuse what Check-in would refuse."""
        code = ""
        if not 0 <= check_in.hours <= _MOST_HOURS:
            code = "hours"
        elif check_in.mood is not None and not _LOWEST_MOOD <= check_in.mood <= _HIGHEST_MOOD:
            code = "mood"
        elif max(len(check_in.mood_description), len(check_in.comment)) > _LONGEST_TEXT:
            code = "text"
        if code:
            raise Refused(self.explain(code, "en") or "", code)

    def _today(self) -> date:
        return self._clock().astimezone(self._settings.zone).date()
