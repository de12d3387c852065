"""Why something was not written, in a person's language."""

from bridge.store.outbox import Outgoing
from bridge.upstream.configured import ConfiguredSource
from bridge.upstream.writing import Writes


def sentence_of(at: ConfiguredSource, outgoing: Outgoing, language: str) -> str | None:
    """Why a write was refused or has no answer; `None` if there is nothing to say. Only refusals are translated."""
    if outgoing.code and isinstance(at.source, Writes):
        return at.source.explain(outgoing.code, language) or outgoing.error
    return outgoing.error
