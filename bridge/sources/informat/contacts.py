"""The numbers under which an employee can be reached."""

import re
from typing import Any

from bridge.sources.informat.refusals import refusal
from bridge.upstream.writing import ContactNumber

KINDS = {"phone": 1, "mobile": 3}
TYPES = {
    "domicile": 1,
    "residence": 2,
    "alternative": 7,
    "private": 8,
    "emergency": 9,
    "work": 18,
    "partner": 30,
    "neighbours": 46,
}
_NUMBER = re.compile(r"\+?[0-9][0-9 ./()-]{4,28}[0-9]")


def contact_body(contact: ContactNumber) -> dict[str, Any]:
    """The body of a PUT, named as in the document's example. Raises Refused."""
    number = contact.number.strip()
    if contact.kind not in KINDS:
        raise refusal("BR020")
    if contact.type not in TYPES:
        raise refusal("BR021")
    if not number:
        raise refusal("BR022")
    if not _NUMBER.fullmatch(number):
        raise refusal("BR023")
    return {"soort": KINDS[contact.kind], "type": TYPES[contact.type], "nummer": number, "id": None}
