"""The files that Informat takes as attachments: by the ending of their name, which their contents must fit."""

from collections.abc import Callable, Mapping

from bridge.sources.informat.refusals import refusal
from bridge.upstream.writing import Attachment

LARGEST_FILE = 10 * 1024 * 1024
_LONGEST_NAME = 100
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


def _begins(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(signatures)


def _is_text(content: bytes) -> bool:
    return b"\0" not in content and not content.startswith(b"MZ")


_FITS: Mapping[str, Callable[[bytes], bool]] = {
    "bmp": _begins(b"BM"),
    "jpg": _begins(b"\xff\xd8\xff"),
    "jpeg": _begins(b"\xff\xd8\xff"),
    "png": _begins(b"\x89PNG\r\n\x1a\n"),
    "gif": _begins(b"GIF87a", b"GIF89a"),
    "svg": lambda content: b"<svg" in content[:4096] and _is_text(content),
    "doc": _begins(_OLD_OFFICE),
    "docx": _begins(*_ZIP),
    "xls": _begins(_OLD_OFFICE),
    "xlsx": _begins(*_ZIP),
    "txt": _is_text,
    "zip": _begins(*_ZIP),
    "pdf": lambda content: b"%PDF-" in content[:1024] and not content.startswith(b"MZ"),
}
ENDINGS = tuple(_FITS)
"""The endings that Informat takes."""


def check_file(attachment: Attachment) -> None:
    """Refuse what Informat would refuse, and contents of another sort than the name. Raises Refused."""
    name, content = attachment.name, attachment.content
    if not name.strip():
        raise refusal("BR016A")
    if len(name) > _LONGEST_NAME:
        raise refusal("BR016B")
    if not content:
        raise refusal("BR017A")
    if len(content) > LARGEST_FILE:
        raise refusal("BR017B")
    fits = _FITS.get(name.rpartition(".")[2].lower()) if "." in name else None
    if fits is None or not fits(content):
        raise refusal("BR016C")
