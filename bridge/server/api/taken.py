"""What came of a write, for the answer to a request."""

from bridge.errors import Refused
from bridge.server.services import Services
from bridge.store.choice import source_of
from bridge.store.outbox import Outgoing, WriteState
from bridge.sync.refusals import sentence_of


def expect_taken(services: Services, source: str, sent: Outgoing) -> Outgoing:
    """A write that was not refused. Raises Refused."""
    if sent.state is WriteState.REFUSED:
        raise Refused(sentence_of(services.source(source_of(source)), sent, "en") or "It was refused.", sent.code or "")
    return sent
