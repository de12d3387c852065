"""Proofs of identity (ID tokens, OpenID Connect Core 1.0, 2), and the keys that they are signed with.

joserfc is imported when the first of them comes: it takes 3 MB, which a service without sign-in is spared.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bridge.errors import BadResponse

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

LEEWAY = timedelta(minutes=2)
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures with a public key: one that the client's own secret makes proves nothing of the provider."""


class UnknownKey(Exception):
    """A token is signed with a key that is not among those known, or that has changed."""


def read_keys(document: Any, origin: str) -> KeySet:
    """The keys of a provider (RFC 7517). Raises BadResponse."""
    from joserfc.errors import JoseError  # noqa: PLC0415 - 3 MB, only where people sign in
    from joserfc.jwk import KeySet  # noqa: PLC0415 - 3 MB, only where people sign in

    try:
        keys: KeySet = KeySet.import_key_set(document)
    except (JoseError, KeyError, TypeError, ValueError) as error:
        raise BadResponse(f"{origin} sent keys that cannot be read.") from error
    return keys


def read_token(token: str, keys: KeySet, now: datetime, *, issuer: str, client_id: str, nonce: str) -> dict[str, Any]:
    """The claims of an ID token.

    Its clock may differ from `now` by two minutes.

    Raises:
        UnknownKey: it is signed with another key.
        BadResponse: it is from another issuer, for another client or another sign-in, has expired, or is no ID token.
    """
    from joserfc import jwt  # noqa: PLC0415 - 3 MB, only where people sign in
    from joserfc.errors import (  # noqa: PLC0415 - 3 MB, only where people sign in
        BadSignatureError,
        ExpiredTokenError,
        InvalidClaimError,
        InvalidKeyIdError,
        JoseError,
        MissingClaimError,
    )

    name = issuer.partition("://")[2]
    try:
        claims: dict[str, Any] = jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
    except (InvalidKeyIdError, BadSignatureError) as error:
        raise UnknownKey from error
    except (JoseError, ValueError) as error:
        raise BadResponse(f"{name} sent a proof of identity that cannot be read.") from error
    registry = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=int(LEEWAY.total_seconds()),
        iss={"essential": True, "value": issuer},
        sub={"essential": True},
        aud={"essential": True, "value": client_id},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        registry.validate(claims)
    except ExpiredTokenError as error:
        raise BadResponse(
            f"{name} sent a proof of identity that has expired: its clock and the one here differ."
        ) from error
    except (InvalidClaimError, MissingClaimError) as error:
        raise BadResponse(_invalid(name, error.claim)) from error
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != client_id:
        raise BadResponse(_invalid(name, "azp"))
    return claims


def _invalid(name: str, claim: str | None) -> str:
    meanings = {
        "iss": "is from another provider",
        "aud": "is meant for another program",
        "azp": "is meant for another program",
        "nonce": "belongs to another sign-in",
        "iat": "is from the future: its clock and the one here differ",
        "nbf": "is from the future: its clock and the one here differ",
    }
    return f"{name} sent a proof of identity that {meanings.get(claim or '', 'lacks what it needs')}."
