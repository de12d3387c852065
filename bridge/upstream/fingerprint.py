"""Whether what an upstream says is what it said before."""

import xxhash

from bridge.upstream.http import Body


def fingerprint(*pieces: Body | bytes | str) -> str:
    """A name for these pieces: the same for the same ones in the same order.

    It tells answers apart. It does not resist an upstream that would deceive itself, so a fast hash is enough.
    """
    whole = xxhash.xxh3_128()
    for piece in pieces:
        whole.update(_digest(piece))
    return whole.hexdigest()


def _digest(piece: Body | bytes | str) -> bytes:
    """Of a fixed length, so that no piece runs into the next one."""
    if isinstance(piece, str):
        return xxhash.xxh3_128_digest(piece.encode(errors="surrogatepass"))
    if isinstance(piece, bytes):
        return xxhash.xxh3_128_digest(piece)
    digest = xxhash.xxh3_128()
    for part in piece.pieces:
        digest.update(part)
    return digest.digest()
