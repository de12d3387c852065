"""What a provider says about a person (OpenID Connect Core 1.0, 5.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridge.errors import UnknownPerson
from bridge.settings.schema import CLAIM

_EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Claims:
    """Who a person is at a provider.

    `issuer` and `subject` stand for the person for good; all else may change. `values` are the claims that are text
    or numbers. `email_verified` is whether the provider vouches for the address.
    """

    issuer: str
    subject: str
    values: Mapping[str, str]
    email_verified: bool

    @property
    def title(self) -> str:
        """The person's name, or what is nearest to it; empty without one."""
        return next((self.values[name] for name in ("name", "given_name") if self.values.get(name)), "")

    def vouched(self, claim: str) -> bool:
        """Whether the provider has seen that this claim is the person's, not just what they wrote of themselves."""
        return claim == _EMAIL and self.email_verified

    def credible(self, claim: str) -> bool:
        """Whether a claim may be gone by: an address only if the provider vouches for it."""
        return bool(self.values.get(claim)) and (claim != _EMAIL or self.email_verified)

    def fill(self, template: str) -> str:
        """A template such as "{email}" with the person's claims.

        Raises:
            UnknownPerson: a claim is missing, or is an address that the provider does not vouch for.
        """
        if missing := [name for name in CLAIM.findall(template) if not self.credible(name)]:
            raise UnknownPerson(f"The sign-in says nothing about {missing[0]} that can be relied on.")
        return CLAIM.sub(lambda claim: self.values[claim[1]], template)


def read_claims(claims: Mapping[str, Any]) -> Claims:
    """The claims of an ID token that was verified."""
    values = {
        name: str(value).strip()
        for name, value in claims.items()
        if isinstance(value, str | int) and not isinstance(value, bool)
    }
    verified = claims.get("email_verified")
    return Claims(
        issuer=values["iss"],
        subject=values["sub"],
        values=values,
        email_verified=verified is True or verified == "true",  # some providers write it as text
    )
