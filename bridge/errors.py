"""The errors of Roosterbridge, each with one sentence for the person who sees it.

The sentence never contains a token, a person's name or what an upstream sent. The cause for the log is the
chained exception (`raise … from cause`).
"""

from datetime import timedelta


class BridgeError(Exception):
    """Base class of the errors. `sentence` is for the person who sees it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class ConfigError(BridgeError):
    """Something is wrong with the settings, the secret key or the storage."""


class StorageError(ConfigError):
    """The storage cannot be used just now: it is away, full, read-only, locked or damaged. It may be well later."""


class UnknownName(BridgeError):
    """A user, account, feed or source does not exist."""


class NameTaken(UnknownName):
    """A user, feed or source exists already."""


class UnknownPerson(BridgeError):
    """The upstream does not know the person of an account."""


class ChoiceNeeded(BridgeError):
    """The upstream has several persons or timetables; `choices` holds (value, name) pairs.

    The value is for the account's option `option`, or for its identity if `option` is `None`.
    """

    def __init__(self, sentence: str, choices: tuple[tuple[str, str], ...], *, option: str | None = None) -> None:
        super().__init__(sentence)
        self.choices = choices
        self.option = option


class LoginMistake(BridgeError):
    """What a person pasted is not the answer to a login; another paste may be."""


class SourceError(BridgeError):
    """An upstream did not deliver. What it delivered before stays.

    `transient` says whether the same request may succeed later. `retry_after` is how long the upstream asks to wait,
    if it says so.
    """

    def __init__(self, sentence: str, *, transient: bool = False, retry_after: timedelta | None = None) -> None:
        super().__init__(sentence)
        self.transient = transient
        self.retry_after = retry_after


class AuthFailed(SourceError):
    """Credentials were refused.

    `needs_login` is true if only the person can repair this, by logging in again or with a new secret. It is false
    for the operator's credentials from the settings.
    """

    def __init__(self, sentence: str, *, needs_login: bool = True) -> None:
        super().__init__(sentence)
        self.needs_login = needs_login


class RateLimited(SourceError):
    """The upstream received too many requests."""


class Unavailable(SourceError):
    """The upstream cannot be reached, is too slow, or reports a failure of its own."""


class Unreached(Unavailable):
    """There is no connection to the upstream: a request was not even sent."""


class Refused(SourceError):
    """The upstream does not take what was to be written, or would not. `code` is its own one of why."""

    def __init__(self, sentence: str, code: str) -> None:
        super().__init__(sentence)
        self.code = code


class BadResponse(SourceError):
    """The answer is not what the upstream's documentation promises."""


class TooLarge(BadResponse):
    """The answer is larger than what is read."""


class NotOffered(SourceError):
    """The upstream does not have what was requested, or does not allow it."""


class Forbidden(SourceError):
    """The school does not offer this part to this person. This is not a failure."""


class Cause(Exception):
    """The type of an underlying error. Its text may contain an address or a document."""


def nameless(error: Exception) -> Cause:
    """The type of an error alone, to raise another one from."""
    return Cause(type(error).__name__)
