"""Asking a register by the Edu-V Education API 1.1.1. Bodies are handed on as they came; refusals become sentences."""

from http import HTTPStatus
from urllib.parse import quote

from yarl import URL

from bridge.errors import AuthFailed, BadResponse, Forbidden
from bridge.sources.eduv.reference import Reference
from bridge.upstream.http import Body, HttpClient, Reply
from bridge.upstream.oauth import ClientCredentialsGrant

SCOPE = "eduv.education"
_JUDGED = (
    HTTPStatus.OK,
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
)


class NotKnown(BadResponse):
    """The register has nothing of what was asked for (404)."""


class EduvClient:
    """The register of one supplier. A parameter that is empty or none is not sent.

    Every call raises:
        NotKnown: 404.
        Forbidden: 403: the school has not let us in, or not to this.
        AuthFailed: our credentials, or a new token, are refused.
        SourceError: whatever else is wrong.
    """

    def __init__(self, http: HttpClient, grant: ClientCredentialsGrant, api_url: str) -> None:
        """Take what it asks with; `api_url` has the version in it, where the supplier has one."""
        self._http = http
        self._grant = grant
        self._api_url = api_url

    @property
    def origin(self) -> str:
        """What to call the upstream in a sentence."""
        return self._http.origin

    async def organisations(
        self, *, school: Reference | None = None, board: Reference | None = None, name: str = ""
    ) -> Body:
        """GET /organisations: the schools that are found, with their boards and locations."""
        return await self._get("organisations", **_school(school), **_board(board), name=name)

    async def study_offerings(
        self,
        school: Reference,
        *,
        filter_by_id: bool | None = None,
        study_code: str = "",
        school_period: str = "",
    ) -> Body:
        """GET /studyofferings/school: what the school teaches, by level and year.

        Args:
            school: whose.
            filter_by_id: not more than what belongs to the school's secondary identifier; a server may not know this.
            study_code: only those of this official code.
            school_period: only those within the period of this id.
        """
        return await self._get(
            "studyofferings/school",
            **_school(school),
            filterByOrgId=_flag(filter_by_id),
            studyCode=study_code,
            schoolPeriodId=school_period,
        )

    async def study_offering(self, identifier: str, school: Reference | None = None) -> Body:
        """GET /studyofferings/school/{id}."""
        return await self._get(f"studyofferings/school/{quote(identifier, safe='')}", **_school(school))

    async def subject_offerings(
        self,
        school: Reference,
        *,
        filter_by_id: bool | None = None,
        subject_code: str = "",
        study_offering: str = "",
        school_period: str = "",
    ) -> Body:
        """GET /subjectofferings/school: the school's subjects, each with its name and perhaps an abbreviation.

        Args:
            school: whose.
            filter_by_id: not more than what belongs to the school's secondary identifier; a server may not know this.
            subject_code: only those of this official code.
            study_offering: only those of the study offering with this id.
            school_period: only those within the period of this id.
        """
        return await self._get(
            "subjectofferings/school",
            **_school(school),
            filterByOrgId=_flag(filter_by_id),
            subjectCode=subject_code,
            studyOfferingId=study_offering,
            schoolPeriodId=school_period,
        )

    async def subject_offering(self, identifier: str, school: Reference | None = None) -> Body:
        """GET /subjectofferings/school/{id}."""
        return await self._get(f"subjectofferings/school/{quote(identifier, safe='')}", **_school(school))

    async def _get(self, path: str, **parameters: str) -> Body:
        """GET with a token; one that is refused is asked for anew once, and the request made once more."""
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

    def _allowed(self, reply: Reply) -> Body:
        if reply.status == HTTPStatus.BAD_REQUEST:
            raise BadResponse(f"{self.origin} does not take the organisation of the settings for one (HTTP 400).")
        if reply.status == HTTPStatus.FORBIDDEN:
            raise Forbidden(f"{self.origin} may not tell us about the school: the school has to allow it.")
        if reply.status == HTTPStatus.NOT_FOUND:
            raise NotKnown(f"{self.origin} has nothing under this address or organisation (HTTP 404).")
        return reply.body


def _school(school: Reference | None) -> dict[str, str]:
    return _named(school, "orgMasterId", "orgId", "orgIdType")


def _board(board: Reference | None) -> dict[str, str]:
    return _named(board, "boardMasterId", "boardId", "boardIdType")


def _named(reference: Reference | None, primary: str, secondary: str, kind: str) -> dict[str, str]:
    if reference is None:
        return {}
    return {primary: reference.primary, secondary: reference.secondary, kind: reference.secondary_type}


def _flag(value: bool | None) -> str:
    return "" if value is None else str(value).lower()
