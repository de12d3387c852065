"""The communication numbers of the stand-in, judged as the API's document does."""

import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from bridge.sources.informat.standin.answers import SampleEmployee
from bridge.sources.informat.standin.refusal import Refusal

_KINDS = {1: "Telefoon", 3: "Gsm"}
_TYPES = {
    1: "Domicilie",
    2: "Verblijf",
    7: "Alternatief nummer",
    8: "Privé nummer",
    9: "Noodnummer",
    18: "Werk",
    30: "Partner",
    46: "Buren",
}
_NUMBER = re.compile(r"\+?[0-9][0-9 ./()-]{5,}")


@dataclass
class Numbers:
    """The numbers of employees by personId and id: kind, type and number."""

    kept: dict[str, dict[str, tuple[int, int, str]]] = field(default_factory=dict)

    def put(self, employee: SampleEmployee | None, institute: str, body: dict[str, Any]) -> str:
        """Add a number, or replace the one of an id. Returns its id. Raises Refusal."""
        faults = _faults(body)
        if faults:
            raise Refusal(400, *faults)
        if employee is None:
            raise Refusal(400, "BR014")
        if not employee.active:
            raise Refusal(400, "BR024", message=f"This employee is not active in institute {institute}")
        own, new = self.kept.setdefault(employee.key, {}), (body["soort"], body["type"], body["nummer"])
        key = str(body.get("id") or "").strip("{}").lower()
        for other, known in own.items():
            if other != key and known == new:
                raise Refusal(400, "BR026", message=f"It already exists for 'Soort, Type & Nummer'; Id: {other}")
            if other != key and known[:2] == new[:2]:
                raise Refusal(400, "BR025", message=f"It already exists for 'Soort & Type'; Id: {other}")
        if key and key not in own:
            raise Refusal(400, "BR028")
        key = key or str(uuid.uuid4())
        own[key] = new
        return key

    def delete(self, person: str, key: str) -> None:
        """Remove a number. Raises Refusal."""
        if self.kept.get(person, {}).pop(key, None) is None:
            raise Refusal(400, "BR028")

    def told(self, person: str) -> list[dict[str, str]]:
        """The numbers of a person, as in the answer about an employee."""
        return [
            {"id": key, "type": _TYPES[sort], "soort": _KINDS[kind], "nr": number}
            for key, (kind, sort, number) in self.kept.get(person, {}).items()
        ]


def _faults(body: dict[str, Any]) -> list[str]:
    number = body.get("nummer")
    faults = [] if body.get("soort") in _KINDS else ["BR020"]
    faults += [] if body.get("type") in _TYPES else ["BR021"]
    if not number:
        return [*faults, "BR022"]
    return faults if isinstance(number, str) and _NUMBER.fullmatch(number) else [*faults, "BR023"]
