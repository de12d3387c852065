"""What a provider says about itself (OpenID Connect Discovery 1.0, 3 and 4)."""

from dataclasses import dataclass
from typing import Any

from yarl import URL

from bridge.errors import BadResponse


@dataclass(frozen=True, slots=True)
class Metadata:
    """The addresses of a provider.

    `issuer` is its name in tokens. `names_itself` is whether each answer that it redirects with has that name too
    (RFC 9207). `end_session` is where people sign out of it, if it has such a page.
    """

    issuer: str
    authorization: URL
    token: URL
    keys: URL
    userinfo: URL | None
    end_session: URL | None
    names_itself: bool


def metadata_address(issuer: str) -> URL:
    """Where the provider with this issuer describes itself."""
    return URL(f"{issuer}/.well-known/openid-configuration")


def read_metadata(document: Any, issuer: str, origin: str) -> Metadata:
    """Read the description of the provider that the settings call `issuer`.

    Raises:
        BadResponse: it is that of another provider, or lacks an address, or has one that is neither https nor at the
            issuer's own host.
    """
    if not isinstance(document, dict):
        raise BadResponse(f"{origin} does not describe itself as a sign-in provider.")
    found = document.get("issuer")
    if not isinstance(found, str) or found.rstrip("/") != issuer:
        raise BadResponse(f"{origin} describes another provider than the issuer in the settings.")

    def address(name: str) -> URL | None:
        value = document.get(name)
        if value is None:
            return None
        try:
            url = URL(str(value))
            safe = url.scheme == "https" or url.origin() == URL(issuer).origin()
        except ValueError:
            safe = False
        if not safe:
            raise BadResponse(f"{origin} names a {name} that is not safe to use.")
        return url

    def needed(name: str) -> URL:
        url = address(name)
        if url is None:
            raise BadResponse(f"{origin} names no {name}.")
        return url

    return Metadata(
        issuer=found,
        authorization=needed("authorization_endpoint"),
        token=needed("token_endpoint"),
        keys=needed("jwks_uri"),
        userinfo=address("userinfo_endpoint"),
        end_session=address("end_session_endpoint"),
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )
