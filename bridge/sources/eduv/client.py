"""HTTP requests to a register through the Edu-V Education API 1.1.1."""

from http import HTTPStatus

from yarl import URL

from bridge.errors import AuthFailed, BadResponse, Forbidden
from bridge.sources.eduv.reference import Reference
from bridge.upstream.http import REFUSALS, HttpClient
from bridge.upstream.oauth import ClientCredentialsGrant
from bridge.upstream.reply import Body, Reply

SCOPE = "eduv.education"
_JUDGED = (HTTPStatus.OK, *REFUSALS)


class NotKnown(BadResponse):
    """The register does not have what was requested (404)."""


class NotAccepted(BadResponse):
    """The register refuses the parameters (400)."""


class EduvClient:
    """The register of a supplier. Parameters that are empty or `None` are not sent.

    Every call raises:
        NotKnown: 404.
        NotAccepted: 400.
        Forbidden: 403: the school has not allowed the supplier to answer.
        AuthFailed: the credentials of the settings, or a new token, are refused.
        SourceError: any other error.
    """

    def __init__(self, http: HttpClient, grant: ClientCredentialsGrant, api_url: str) -> None:
        """Create a client. `api_url` includes the version, if the supplier has one."""
        self._http = http
        self._grant = grant
        self._api_url = api_url

    @property
    def origin(self) -> str:
        """The name of the upstream for people."""
        return self._http.origin

    async def organisations(self, school: Reference) -> Body:
        """GET /organisations: the school, and possibly others of its board, with their locations."""
        return await self._get("organisations", **_school(school))

    async def study_offerings(self, school: Reference, *, filter_by_id: bool | None) -> Body:
        """GET /studyofferings/school: what the school teaches, by level and year.

        `filter_by_id` is to get only what belongs to the school's secondary identifier; a server may ignore or refuse
        that.
        """
        return await self._filtered("studyofferings/school", school, filter_by_id)

    async def subject_offerings(self, school: Reference, *, filter_by_id: bool | None) -> Body:
        """GET /subjectofferings/school: the subjects of the school, with names and, for some, abbreviations.

        `filter_by_id` is as for `study_offerings`.
        """
        return await self._filtered("subjectofferings/school", school, filter_by_id)

    async def _get(self, path: str, **parameters: str) -> Body:
        """GET with a token. If the token is refused, get a new one and try again."""
        url = URL(f"{URL(self._api_url)}/{path}", encoded=True)
        query = [(name, value) for name, value in parameters.items() if value]
        for _ in range(2):
            token = await self._grant.access_token()
            headers = {"Accept": "application/json", "Authorization": f"Bearer {token}"}
            reply = await self._http.get(url, query=query, headers=headers, accept=_JUDGED)
            if reply.status != HTTPStatus.UNAUTHORIZED:
                return self._allowed(reply)
            self._grant.refused(token)
        raise AuthFailed(f"{self.origin} refuses even a new token.", needs_login=False)

    async def _filtered(self, path: str, school: Reference, filter_by_id: bool | None) -> Body:
        """GET with `filterByOrgId`, which a server may refuse: then without it."""
        if filter_by_id is not None:
            try:
                return await self._get(path, filterByOrgId=str(filter_by_id).lower(), **_school(school))
            except NotAccepted:
                pass  # what belongs to another school is left out by the mapping, too
        return await self._get(path, **_school(school))

    def _allowed(self, reply: Reply) -> Body:
        if reply.status == HTTPStatus.BAD_REQUEST:
            raise NotAccepted(f"{self.origin} does not accept the organisation in the settings (HTTP 400).")
        if reply.status == HTTPStatus.FORBIDDEN:
            raise Forbidden(f"{self.origin} may not answer about this school: the school has to allow it.")
        if reply.status == HTTPStatus.NOT_FOUND:
            raise NotKnown(f"{self.origin} has nothing under this address or organisation (HTTP 404).")
        return reply.body


def _school(school: Reference) -> dict[str, str]:
    return {"orgMasterId": school.primary, "orgId": school.secondary, "orgIdType": school.secondary_type}
