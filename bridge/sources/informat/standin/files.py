"""The attachments of the stand-in, judged as the API's document does."""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any

from bridge.sources.informat.standin.refusal import Refusal

_ENDINGS = {"bmp", "jpg", "jpeg", "png", "gif", "svg", "doc", "docx", "xls", "xlsx", "txt", "zip", "pdf"}
_LONGEST_NAME = 100
_LARGEST = 10 * 1024 * 1024


@dataclass
class File:
    """A file of a person, and the interruptions that it is linked to."""

    person: str
    name: str = ""
    content: bytes = field(default=b"", repr=False)
    interruptions: set[str] = field(default_factory=set)


def judged_file(body: dict[str, Any]) -> bytes:
    """The contents in a body. Raises Refusal."""
    faults = []
    name, file = body.get("filename"), body.get("file")
    if not isinstance(name, str) or not name:
        faults.append("BR016A")
    elif len(name) > _LONGEST_NAME:
        faults.append("BR016B")
    elif name.rpartition(".")[2].lower() not in _ENDINGS:
        faults.append("BR016C")
    if not isinstance(file, str) or not file:
        raise Refusal(400, *faults, "BR017A")
    try:
        content = base64.b64decode(file, validate=True)
    except binascii.Error:
        raise Refusal(500) from None
    if len(content) > _LARGEST:
        faults.append("BR017B")
    if faults:
        raise Refusal(400, *faults)
    return content
