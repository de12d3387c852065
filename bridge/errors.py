"""What can go wrong, each with one sentence for the person who sees it.

The sentence never holds a token, a person's name or what an upstream sent. The cause for the log is the
chained exception (`raise … from cause`).
"""

from datetime import timedelta


class BridgeError(Exception):
    """Anything that Roosterbridge itself reports; `sentence` is meant for a person."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class ConfigError(BridgeError):
    """The settings, the key or the storage are not as they should be."""


class UnknownName(BridgeError):
    """A user, account, feed or source of that name does not exist, or exists already."""


class UnknownPerson(BridgeError):
    """The upstream does not know the person that an account is asked for."""


class ChoiceNeeded(BridgeError):
    """The upstream knows several of what was asked for; `choices` holds (value, name) pairs to choose from.

    A value is what the account's `option` is to be given; where `option` is none, it is the account's identity.
    """

    def __init__(self, sentence: str, choices: tuple[tuple[str, str], ...], *, option: str | None = None) -> None:
        super().__init__(sentence)
        self.choices = choices
        self.option = option


class LoginMistake(BridgeError):
    """What a person pasted is not what a login leads to; another paste may be."""


class SourceError(BridgeError):
    """An upstream did not deliver; what was delivered before stays.

    `transient` says whether the same request, sent again, may be answered. `retry_after` is how long the upstream
    asks to be left alone first, where it says so.
    """

    def __init__(self, sentence: str, *, transient: bool = False, retry_after: timedelta | None = None) -> None:
        super().__init__(sentence)
        self.transient = transient
        self.retry_after = retry_after


class AuthFailed(SourceError):
    """Credentials were refused.

    `needs_login` is true when only the person can mend it, by logging in again or giving a new secret;
    false when they are the operator's credentials, from the settings.
    """

    def __init__(self, sentence: str, *, needs_login: bool = True) -> None:
        super().__init__(sentence)
        self.needs_login = needs_login


class RateLimited(SourceError):
    """The upstream has been asked too often."""


class Unavailable(SourceError):
    """The upstream is out of reach, too slow, or says that it is out of order."""


class BadResponse(SourceError):
    """The upstream answered with something that cannot be read as what its document promises."""


class Forbidden(SourceError):
    """The school does not offer this part to this person. It is a fact, not a failure."""
