"""What clients write at the stand-in, judged field by field as the API's document does."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bridge.sources.informat.standin.answers import SampleEmployee, interruption_answer, school_year_of, written_day
from bridge.sources.informat.standin.files import File, judged_file
from bridge.sources.informat.standin.institute import Institute
from bridge.sources.informat.standin.refusal import Refusal

_YEAR = re.compile(r"(\d{4})-(\d{2})")
_LONGEST = {"opmerking": (500, "BR009"), "naamgeneesheer": (75, "BR010"), "telefoongeneesheer": (20, "BR011")}
_FLAGS = ("magwoonstverlaten", "geverifieerd", "ziekteverlofzonderbezoldiging")
_FIXED = ("hfd", "code", "begindatum", "einddatum")


@dataclass
class Record:
    """What a client wrote of an interruption, and what became of it since.

    `sent` is whether it was sent to AgODi, `replaced` whether it has a substitution.
    """

    person: str
    institute: str
    body: dict[str, Any]
    verified: bool = False
    sent: bool = False
    replaced: bool = False


@dataclass
class Records:
    """The interruptions that clients have written, by key. They appear in the lists of the institute."""

    institute: Institute
    number: str
    written: dict[str, Record] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)

    def put_file(self, key: str, file_key: str, body: dict[str, Any]) -> None:
        """Add a file to an interruption, or replace the one with this key."""
        found = self._known(key)
        if found is None:
            raise Refusal(400, "BR018")
        content = judged_file(body)
        person = found["personId"].strip()
        file = self.files.setdefault(file_key, File(person))
        if file.person != person:
            raise Refusal(405, "MNA007")
        file.name, file.content = body["filename"], content
        file.interruptions.add(key)

    def delete_file(self, key: str, file_key: str) -> None:
        """Take a file from an interruption."""
        file = self.files.get(file_key)
        if file is None or key not in file.interruptions:
            raise Refusal(400, "BR019")
        self._unlink(file_key, key)

    def _unlink(self, file_key: str, key: str) -> None:
        file = self.files[file_key]
        file.interruptions.discard(key)
        if not file.interruptions:
            del self.files[file_key]

    def put(self, person: str, key: str, body: dict[str, Any]) -> None:
        """Add an interruption, or update the one with this key."""
        faults = [*_missing(body), *_wrong(body)]
        if faults:
            raise Refusal(400, *sorted(faults))
        employee = self._employee(person)
        first, last = _day(body["begindatum"]), _day(body["einddatum"])
        if not self._open(body):
            raise Refusal(400, "BR013")
        before = self._known(key)
        if before is not None:
            self._judge_change(key, before, person, body)
        if self._overlaps(key, person, first, last):
            raise Refusal(405, "MNA005" if before is None else "MNA006")
        record = self.written.get(key) or Record(person, str(body["instelnr"]), body)
        record.body = body
        record.verified = record.verified or bool(body.get("geverifieerd"))
        self.written[key] = record
        self._forget(key)
        self.institute.interruptions.append(
            interruption_answer(
                key,
                employee,
                str(body["hfd"]),
                first,
                last,
                opmSecretariaat="",
                opmPersoneelslid=body.get("opmerking"),
                ziekteverlofZonderBezoldiging=bool(body.get("ziekteverlofzonderbezoldiging")),
            )
        )

    def delete(self, key: str) -> None:
        """Remove an interruption that a client has written."""
        if self._known(key) is None:
            raise Refusal(400, "BR018")
        record = self.written.get(key)
        if record is None:
            raise Refusal(405, "MNA008")
        for is_so, code in ((record.verified, "MNA009"), (record.sent, "MNA010"), (record.replaced, "MNA011")):
            if is_so:
                raise Refusal(405, code)
        del self.written[key]
        self._forget(key)
        for file_key in [name for name, file in self.files.items() if key in file.interruptions]:
            self._unlink(file_key, key)

    def verify(self) -> str:
        """Have the secretariat verify all that was written."""
        for record in self.written.values():
            record.verified = True
        return f"The secretariat has verified {len(self.written)} reports."

    def _judge_change(self, key: str, before: dict[str, Any], person: str, body: dict[str, Any]) -> None:
        record = self.written.get(key)
        year = school_year_of(_day(before["begindatum"]))
        if school_year_of(_day(body["begindatum"])) != year or (record and record.institute != body["instelnr"]):
            raise Refusal(405, "MNA001")
        if before["personId"].strip() != person:
            raise Refusal(405, "MNA002")
        if record is None:
            raise Refusal(405, "MNA008")
        changed = {name for name in _FIXED if str(record.body[name])[:10] != str(body[name])[:10]}
        if record.sent and changed:
            raise Refusal(405, "MNA003")
        if record.replaced and changed - {"code"}:
            raise Refusal(405, "MNA004")

    def _employee(self, person: str) -> SampleEmployee:
        found = next((one for one in self.institute.employees if one.key == person), None)
        if found is None:
            raise Refusal(400, "BR014")
        return found

    def _open(self, body: dict[str, Any]) -> bool:
        """Whether the institute has this structure, and the school year is this one or the next, of both days."""
        match = _YEAR.fullmatch(str(body["schooljaar"]))
        first, last = _day(body["begindatum"]), _day(body["einddatum"])
        this, _ = school_year_of(self.institute.today)
        structures = {item["hfd"] for item in self.institute.assignments}
        return (
            match is not None
            and int(match[1]) in {this.year, this.year + 1}
            and all(school_year_of(day)[0].year == int(match[1]) for day in (first, last))
            and body["hfd"] in structures
            and body["instelnr"] == self.number
        )

    def _overlaps(self, key: str, person: str, first: date, last: date) -> bool:
        return any(
            item["personId"].strip() == person
            and item["doId"].lower() != key
            and item["begindatum"] <= written_day(last)
            and item["einddatum"] >= written_day(first)
            for item in self.institute.interruptions
        )

    def _known(self, key: str) -> dict[str, Any] | None:
        return next((item for item in self.institute.interruptions if item["doId"].lower() == key), None)

    def _forget(self, key: str) -> None:
        kept = [item for item in self.institute.interruptions if item["doId"].lower() != key]
        self.institute.interruptions = kept


def _missing(body: dict[str, Any]) -> list[str]:
    required = {
        "instelnr": "BR003A",
        "schooljaar": "BR004A",
        "hfd": "BR005A",
        "code": "BR006A",
        "begindatum": "BR007A",
        "einddatum": "BR008A",
        "afzender": "BR012A",
    }
    return [code for name, code in required.items() if not body.get(name)]


def _wrong(body: dict[str, Any]) -> list[str]:
    """The codes of what is there and not right."""
    if any(not isinstance(body.get(name, True), bool) for name in _FLAGS):
        raise Refusal(500)
    texts = {**_LONGEST, "afzender": (50, "BR012B")}
    faults = [code for name, (longest, code) in texts.items() if not _fits(body.get(name), longest)]
    year = _YEAR.fullmatch(str(body.get("schooljaar") or "2026-27"))
    if year is None or (int(year[1]) + 1) % 100 != int(year[2]):
        faults.append("BR004B")
    if body.get("hfd") and not re.fullmatch(r"\d{3}", str(body["hfd"])):
        faults.append("BR005B")
    if body.get("code") and body["code"] != "1":
        faults.append("BR006B")
    return [*faults, *_wrong_days(body)]


def _wrong_days(body: dict[str, Any]) -> list[str]:
    names = {"begindatum": "BR007A", "einddatum": "BR008A"}
    days = {name: _day_or_none(body.get(name)) for name in names}
    faults = [code for name, code in names.items() if body.get(name) and days[name] is None]
    first, last = days.values()
    return [*faults, "BR008B"] if first and last and last < first else faults


def _fits(text: Any, longest: int) -> bool:
    return text is None or (isinstance(text, str) and len(text) <= longest)


def _day_or_none(value: Any) -> date | None:
    try:
        return _day(value)
    except (ValueError, TypeError):
        return None


def _day(value: Any) -> date:
    """A day in one of the forms of the document: yyyy-MM-dd, with a time or not."""
    return datetime.fromisoformat(str(value).strip()).date()
