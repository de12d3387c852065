"""Fingerprints, which show whether an answer has changed."""

import xxhash

from bridge.upstream.reply import Body


def fingerprint(*pieces: Body | bytes | str) -> str:
    """The fingerprint of some pieces in order.

    A fast hash that is not cryptographic is enough: an upstream gains nothing from a collision.
    """
    return xxhash.xxh3_128_hexdigest(b"".join(map(_digest, pieces)))


def _digest(piece: Body | bytes | str) -> bytes:
    """A digest of fixed length, so that pieces cannot run into each other."""
    if isinstance(piece, str):
        return xxhash.xxh3_128_digest(piece.encode(errors="surrogatepass"))
    if isinstance(piece, bytes):
        return xxhash.xxh3_128_digest(piece)
    if len(piece.pieces) == 1:
        return xxhash.xxh3_128_digest(piece.pieces[0])
    digest = xxhash.xxh3_128()
    for part in piece.pieces:
        digest.update(part)
    return digest.digest()
