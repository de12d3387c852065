"""The source: three lists, once a day."""

from collections.abc import Mapping

from bridge.errors import Forbidden, NotOffered, SourceError
from bridge.model.event import Part
from bridge.model.window import Window
from bridge.sources.eduv.client import EduvClient, NotKnown
from bridge.sources.eduv.mapping import Lists, read_names, read_school, read_studies
from bridge.sources.eduv.reference import Reference
from bridge.upstream.contract import Account, Answer, Answers, Reading
from bridge.upstream.credential import CredentialSlot
from bridge.upstream.fingerprint import fingerprint
from bridge.upstream.further import Further
from bridge.upstream.reply import Body

_STUDIES = "study offerings"


class Eduv:
    """The register of a school; see `bridge.upstream.contract.Source`. It has names and no events."""

    def __init__(self, school: Reference, client: EduvClient) -> None:
        self._school = school
        self._client = client

    async def check(self) -> str:
        """See `Source.check`. The school must be in the register too."""
        body = await self._client.organisations(self._school)
        read_school(body, school=self._school, origin=self._client.origin)
        return "reachable, credentials accepted, school found"

    async def connect(self, identity: str | None, account: Account, slot: CredentialSlot) -> Account:  # noqa: ARG002 - nobody has to be named
        """See `Source.connect`. A register has no persons."""
        return account

    async def fetch(
        self,
        account: Account,
        slot: CredentialSlot,  # noqa: ARG002 - the credentials are those of the settings
        window: Window,  # noqa: ARG002 - a register knows no dates
    ) -> Mapping[Part, Answers]:
        """See `Source.fetch`. The study offerings, which help to tell subjects apart, are a further request."""
        further = Further(account.remembered.get(Part.NAMES, {}))
        try:
            organisations = await self._client.organisations(self._school)
            subjects = await self._client.subject_offerings(self._school, filter_by_id=self._filter)
            studies = await further.ask(_STUDIES, self._studies, self._readable, what="studies")
        except SourceError as error:
            return {Part.NAMES: error}
        answer = Answer(Lists(organisations, subjects, studies), fingerprint(organisations, subjects, studies or ""))
        return {Part.NAMES: further.told_with(answer)}

    def read(self, part: Part, payload: Lists, account: Account) -> Reading:  # noqa: ARG002 - there is one part
        """See `Source.read`."""
        return read_names(payload, school=self._school, origin=self._client.origin)

    async def _studies(self) -> Body:
        """The study offerings. Raises NotOffered if the school has or shows none."""
        try:
            return await self._client.study_offerings(self._school, filter_by_id=self._filter)
        except (Forbidden, NotKnown) as error:
            raise NotOffered(error.sentence) from error

    def _readable(self, studies: Body) -> Body:
        if not read_studies(studies, origin=self._client.origin):
            raise NotOffered(f"{self._client.origin} sent no study offerings.")
        return studies

    @property
    def _filter(self) -> bool | None:
        """`filterByOrgId`, which must not be sent with a primary identifier."""
        return True if self._school.secondary else None
