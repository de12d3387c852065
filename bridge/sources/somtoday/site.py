"""The site of the school at which a pupil is, and its address, which are requested once a week."""

from datetime import date

from pydantic import BaseModel, ValidationError

from bridge.errors import BadResponse
from bridge.model.text import clean_line
from bridge.sources.somtoday.client import SomtodayClient
from bridge.sources.somtoday.mapping.due import monday_of
from bridge.sources.somtoday.models import SchoolData
from bridge.upstream.credential import CredentialSlot
from bridge.upstream.further import Further
from bridge.upstream.markup import heading
from bridge.upstream.reply import Body, parse_json

_REMEMBERED = "site"


class Site(BaseModel):
    """The name and address of a site, empty if the school does not tell, and the Monday of the week of the request."""

    name: str = ""
    address: str = ""
    monday: date = date.min

    def written(self, name: str) -> str:
        """The site `name`, with its address if it is this one."""
        return f"{name}, {self.address}" if self.address and name == self.name else name


async def request_site(
    client: SomtodayClient, slot: CredentialSlot, pupil: str, further: Further, *, today: date
) -> Site:
    """The site of a pupil. Raises AuthFailed if the login of the person is refused."""
    monday = monday_of(today)

    async def ask() -> Body:
        body = await client.school(slot, pupil)
        found = Site() if body is None else _site(body, client.origin)
        return Body((found.model_copy(update={"monday": monday}).model_dump_json().encode(),))

    known = further.last(_REMEMBERED, _parse)
    if known is not None and known.monday == monday:
        return known
    return await further.ask(_REMEMBERED, ask, _parse, what="the address of the school") or Site()


def _site(body: Body, origin: str) -> Site:
    try:
        told = SchoolData.model_validate(parse_json(body, origin))
    except ValidationError as error:
        raise BadResponse(f"{origin} did not say where it is.") from error
    name, street, code, town = (
        clean_line(heading(word or "")) for word in (told.vestigingsnaam, told.straat, told.postcode, told.plaats)
    )
    return Site(name=name, address=", ".join(filter(None, (street, f"{code} {town}".strip()))) if street else "")


def _parse(body: Body) -> Site:
    try:
        return Site.model_validate_json(bytes(body))
    except ValidationError as error:
        raise BadResponse("Another version of this program kept where the school is.") from error
