"""What a source can write at its upstream. A source with the methods of a protocol has the capability.

A write is planned first, kept in the storage, and only then sent: planning checks what can be known beforehand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from bridge.model.event import Event, Part
from bridge.upstream.contract import Account
from bridge.upstream.credential import CredentialSlot


class Deed(StrEnum):
    """What a write does, as the command of that name is called."""

    REPORT_ABSENCE = "absence report"
    WITHDRAW_ABSENCE = "absence withdraw"
    ATTACH = "absence attach"
    DETACH = "absence detach"
    SET_CONTACT = "contact set"
    REMOVE_CONTACT = "contact remove"
    ADD_TIMETABLE = "timetable add"
    REMOVE_TIMETABLE = "timetable remove"
    CHOOSE_TIMETABLE = "timetable choose"
    CHECK_IN = "checkin daily"
    WITHDRAW_CHECK_IN = "checkin withdraw"


@dataclass(frozen=True, slots=True)
class Write:
    """Something that a person wants to have written.

    Attributes:
        key: our own id of it. An account has no two writes with one key.
        deed: what it does.
        about: what people see of it, such as days. It is kept for as long as the write is.
        content: what is sent. It is private, and forgotten once the upstream has answered.
        part, identity: the event that it is about, if any.
        event: that event as it is shown until the upstream has it; `None` if the event is gone when this is done.
        repeatable: whether sending it twice does no more than sending it once.
    """

    key: str
    deed: Deed
    about: Mapping[str, str]
    content: Mapping[str, Any] = field(default_factory=dict, repr=False)
    part: Part | None = None
    identity: str = ""
    event: Event | None = field(default=None, repr=False)
    repeatable: bool = True

    @property
    def corrects(self) -> bool:
        """Whether it changes something that has an identity already, rather than reporting it."""
        return self.key != self.identity


@runtime_checkable
class Writes(Protocol):
    """A source that writes. Each further capability has it too."""

    async def write(self, account: Account, slot: CredentialSlot, write: Write, *, again: bool) -> Mapping[str, str]:
        """Send a write. Returns what the upstream answered that people should know, such as an id.

        Args:
            account: the account of the person who wants it.
            slot: the login of the account.
            write: what was planned.
            again: whether it may have been sent before, so that the upstream may have it already.

        Raises:
            Refused, Forbidden: the upstream does not take it.
            Unreached: it was not sent.
            SourceError: it is not known what became of it, or it may be taken later.
        """

    def explain(self, code: str, language: str) -> str | None:
        """The sentence of a refusal in a language of feeds; `None` if the code is unknown."""


@runtime_checkable
class LooksUp(Writes, Protocol):
    """A source that can find out whether it has what must not be sent twice."""

    async def has(self, account: Account, slot: CredentialSlot, write: Write) -> bool:
        """Whether the upstream has what was sent and got no answer. Raises SourceError."""


@dataclass(frozen=True, slots=True)
class AbsenceReport:
    """An absence as a person reports it, from `first` up to and including `last`.

    `code` is the upstream's own one of the sort of absence. `corrects` is the id of a report that this one replaces. A
    report with the `key` of another one is the same report, whatever is in it. `choices` choose where the upstream has
    several, such as structures of a school.
    """

    first: date
    last: date
    code: str = "1"
    remark: str = field(default="", repr=False)
    doctor: str = field(default="", repr=False)
    doctor_phone: str = field(default="", repr=False)
    must_stay_home: bool = False
    unpaid: bool = False
    corrects: str = ""
    key: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Absence:
    """An absence as the upstream has it, from `first` up to and including `last`."""

    id: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that belongs to an absence, such as a certificate. Another one with its `id` replaces it."""

    id: str
    name: str
    content: bytes = field(repr=False)


@runtime_checkable
class ReportsAbsence(Writes, Protocol):
    """A source where a person reports to be absent."""

    async def absences(self, account: Account, slot: CredentialSlot) -> Sequence[Absence]:
        """The absences of a person in this school year and the ones beside it. Raises SourceError."""

    async def plan_report(self, account: Account, slot: CredentialSlot, report: AbsenceReport) -> Sequence[Write]:
        """Plan a report, in several writes if the upstream wants a longer absence divided.

        Raises:
            Refused: it would be refused.
            ChoiceNeeded: something has to be chosen.
            SourceError: what has to be known could not be asked.
        """

    def plan_withdrawal(self, account: Account, absence: Absence) -> Write:
        """Plan to withdraw an absence. Raises Refused."""

    def plan_attachment(self, account: Account, absence_id: str, attachment: Attachment) -> Write:
        """Plan to attach a file to an absence. Raises Refused."""

    def plan_detachment(self, account: Account, absence_id: str, attachment_id: str) -> Write:
        """Plan to take a file from an absence. Raises Refused."""


@dataclass(frozen=True, slots=True)
class ContactNumber:
    """A number under which a person can be reached. `kind` is "phone" or "mobile", `type` one of `CONTACT_TYPES`."""

    kind: str
    type: str
    number: str = field(repr=False)


CONTACT_KINDS = ("phone", "mobile")
CONTACT_TYPES = ("domicile", "residence", "alternative", "private", "emergency", "work", "partner", "neighbours")


@runtime_checkable
class KeepsContacts(Writes, Protocol):
    """A source where a person keeps the numbers under which the school reaches them."""

    def plan_contact(self, account: Account, contact: ContactNumber) -> Write:
        """Plan to set the number of a kind and type. Its answer has the `id` of the number. Raises Refused."""

    def plan_contact_removal(self, account: Account, contact_id: str) -> Write:
        """Plan to remove a number. Raises Refused."""


@dataclass(frozen=True, slots=True)
class FoundTimetable:
    """A timetable that can be followed."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class TimetableOption:
    """A part of a timetable that can be chosen, such as a group."""

    id: str
    name: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ChosenTimetable:
    """A timetable that a person follows. One that is not `enabled` does not show.

    The key of one below another begins with that of its parent and a slash.
    """

    key: str
    name: str
    enabled: bool
    options: tuple[TimetableOption, ...] = ()


@runtime_checkable
class ChoosesTimetables(Writes, Protocol):
    """A source where a person chooses which timetables make up their own."""

    async def search_timetables(self, account: Account, slot: CredentialSlot, word: str) -> Sequence[FoundTimetable]:
        """The timetables that a word finds. Raises SourceError."""

    async def timetables(self, account: Account, slot: CredentialSlot) -> Sequence[ChosenTimetable]:
        """The timetables that a person follows. Raises SourceError."""

    def plan_addition(self, account: Account, key: str) -> Write:
        """Plan to follow a timetable, or to switch it on again. Raises Refused."""

    def plan_removal(self, account: Account, key: str) -> Write:
        """Plan to follow a timetable no longer, or to switch off one that belongs to the person. Raises Refused."""

    def plan_choice(self, account: Account, key: str, options: Sequence[str]) -> Write:
        """Plan to choose options of a timetable; none is all of them. Raises Refused."""


@dataclass(frozen=True, slots=True)
class DailyCheckIn:
    """How a day was. A check-in with the `key` of another one is the same one."""

    hours: float
    mood: int | None = field(default=None, repr=False)
    mood_description: str = field(default="", repr=False)
    comment: str = field(default="", repr=False)
    key: str = ""


@runtime_checkable
class ChecksIn(Writes, Protocol):
    """A source where a person says every day how it was."""

    def plan_check_in(self, account: Account, check_in: DailyCheckIn) -> Write:
        """Plan the check-in of today, also in the place of an earlier one. Raises Refused."""

    def plan_check_in_withdrawal(self, account: Account) -> Write:
        """Plan to withdraw the check-in of today. Raises Refused."""
