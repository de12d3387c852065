"""Fingerprints, which show whether an answer has changed."""

import xxhash

from bridge.upstream.http import Body


def fingerprint(*pieces: Body | bytes | str) -> str:
    """The fingerprint of some pieces in order.

    A fast hash that is not cryptographic is enough: an upstream gains nothing from a collision.
    """
    whole = xxhash.xxh3_128()
    for piece in pieces:
        whole.update(_digest(piece))
    return whole.hexdigest()


def _digest(piece: Body | bytes | str) -> bytes:
    """A digest of fixed length, so that pieces cannot run into each other."""
    if isinstance(piece, str):
        return xxhash.xxh3_128_digest(piece.encode(errors="surrogatepass"))
    if isinstance(piece, bytes):
        return xxhash.xxh3_128_digest(piece)
    digest = xxhash.xxh3_128()
    for part in piece.pieces:
        digest.update(part)
    return digest.digest()
