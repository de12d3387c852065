"""What came of what a person wanted to have written, for their pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bridge.server.pages.languages import message
from bridge.store.outbox import Outgoing, WriteState
from bridge.sync.refusals import sentence_of
from bridge.sync.sender import FORBIDDEN
from bridge.upstream.configured import ConfiguredSource
from bridge.upstream.writing import Deed

SAID = {
    WriteState.WAITING: message("Not sent yet. It is kept, and sent again by itself."),
    WriteState.SENT: message("Sent; the school has not answered yet. It is asked again by itself."),
    WriteState.DONE: message("The school has taken it."),
    WriteState.REFUSED: message("The school has not taken it."),
    WriteState.UNKNOWN: message("No answer came: nobody knows whether the school has it. Look there, or try again."),
}
NO_RIGHTS = message("The school does not let Roosterbridge write. Ask whoever looks after it.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a write: `said` is translated by the page, `why` is a sentence in the person's language already."""

    outgoing: Outgoing
    said: str
    why: str = ""
    code: str = ""

    @property
    def bad(self) -> bool:
        """Whether the person may have to do something."""
        return self.outgoing.state in {WriteState.REFUSED, WriteState.UNKNOWN}


@dataclass(frozen=True, slots=True)
class ReportedAbsence:
    """A report, what came of it, of a correction that was refused, of a wish to withdraw it, and of its files."""

    id: str
    first: date
    last: date
    outcome: Outcome
    correction: Outcome | None
    withdrawal: Outcome | None
    files: Sequence[tuple[str, Outcome]]

    @property
    def stands(self) -> bool:
        """Whether it can be corrected or withdrawn, or get a file."""
        wanted = self.withdrawal is None or self.withdrawal.bad
        return wanted and self.outcome.outgoing.state is not WriteState.REFUSED


def outcome(at: ConfiguredSource, outgoing: Outgoing, language: str) -> Outcome:
    """What came of a write, in a language."""
    if outgoing.state is not WriteState.REFUSED:
        return Outcome(outgoing, SAID[outgoing.state])
    known = sentence_of(at, outgoing, language) if outgoing.code else None
    if outgoing.code == FORBIDDEN and known == outgoing.error:
        return Outcome(outgoing, NO_RIGHTS)
    code = outgoing.code if outgoing.code and outgoing.code.isupper() else ""
    return Outcome(outgoing, SAID[outgoing.state], known or "", code)


def reported(at: ConfiguredSource, outbox: Sequence[Outgoing], language: str) -> list[ReportedAbsence]:
    """The reports in the outbox of an account, the newest first.

    A correction stands for what it corrects, unless the school has refused it.
    """
    latest = {one.write.about["id"]: one for one in outbox if one.write.deed is Deed.REPORT_ABSENCE}
    standing = {
        one.write.about["id"]: one
        for one in outbox
        if one.write.deed is Deed.REPORT_ABSENCE and one.state is not WriteState.REFUSED
    }
    withdrawals = {one.write.about["id"]: one for one in outbox if one.write.deed is Deed.WITHDRAW_ABSENCE}
    found = []
    for key, last in reversed(latest.items()):
        report = standing.get(key, last)
        about = report.write.about
        withdrawal = withdrawals.get(key)
        files = [
            (one.write.about["name"], outcome(at, one, language))
            for one in outbox
            if one.write.deed is Deed.ATTACH and one.write.about["id"] == key
        ]
        found.append(
            ReportedAbsence(
                id=key,
                first=date.fromisoformat(about["from"]),
                last=date.fromisoformat(about["to"]),
                outcome=outcome(at, report, language),
                correction=None if report is last else outcome(at, last, language),
                withdrawal=None if withdrawal is None else outcome(at, withdrawal, language),
                files=files,
            )
        )
    return found
