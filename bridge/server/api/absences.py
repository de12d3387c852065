"""`/users/{name}/absences/{source}`: what is reported to a school, and `/contacts/{source}`."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import date
from http import HTTPStatus
from typing import Annotated, Literal
from uuid import uuid4

from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from bridge.server.api.endpoint import Call, Endpoint, Given, Listing, Nothing, Part, Text, part_of
from bridge.server.api.taken import expect_taken
from bridge.server.services import Services
from bridge.store.outbox import WriteState
from bridge.sync.absences import (
    AbsenceValue,
    AttachmentValue,
    ListedAbsence,
    absence_value,
    attach,
    attachment_value,
    detach,
    list_absences,
    report_absence,
    withdraw_absence,
)
from bridge.sync.contacts import ContactValue, contact_value, remove_contact, set_contact
from bridge.upstream.writing import AbsenceReport, Attachment, ContactNumber, Deed

LARGEST_BODY = 40 * 1024 * 1024
"""The largest body with files, which are a third larger in base64."""


def _base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("a file is written in base64") from None
    return text


class NewFile(Given):
    """A file, such as a certificate."""

    filename: Text = Field(description="its name, with the ending that says what it is")
    file: Annotated[str, AfterValidator(_base64)] = Field(repr=False, description="its contents in base64")

    def attachment(self, key: str) -> Attachment:
        """The file under a key."""
        return Attachment(key, self.filename, base64.b64decode(self.file))


class NewAbsence(Given):
    """An absence to report."""

    first: date = Field(alias="from", description="the first day")
    last: date = Field(alias="to", description="the last day")
    code: Text = Field("1", description="the school's code of the sort of absence; 1 is illness")
    remark: Text = Field("", repr=False, description="a remark for the school")
    doctor: Text = Field("", repr=False, description="the name of the doctor")
    doctor_phone: Text = Field("", repr=False, description="the phone number of the doctor")
    must_stay_home: bool = Field(False, description="whether the doctor forbids leaving the house")
    unpaid: bool = Field(False, description="whether it is unpaid sick leave")
    id: Text = Field("", description="the id of a report that this one corrects")
    options: Mapping[Text, Text] = Field(default_factory=dict, description="choices, such as `structure`")
    attachments: Sequence[NewFile] = Field((), max_length=3, description="files")


class NewContact(Given):
    """A number under which the school reaches a person."""

    kind: Literal["phone", "mobile"]
    type: Literal["domicile", "residence", "alternative", "private", "emergency", "work", "partner", "neighbours"]
    number: Text = Field(repr=False)


class Written(TypedDict):
    """What came of a write: its state."""

    id: str
    state: str


async def get_absences(services: Services, call: Call[Nothing, Listing]) -> Part[ListedAbsence]:
    """List the absences that a school has of a user, and the reports that it has not taken."""
    listed, _ = await list_absences(services.desk, call.path["name"], call.path["source"])
    return part_of(listed, call.query, lambda absence: absence["id"])


async def create_absence(services: Services, call: Call[NewAbsence, Nothing]) -> AbsenceValue | Sequence[AbsenceValue]:
    """Report an absence to a school. The answer is a list where a leave was divided."""
    body, source = call.body, call.path["source"]
    report = AbsenceReport(
        first=body.first,
        last=body.last,
        code=body.code,
        remark=body.remark,
        doctor=body.doctor,
        doctor_phone=body.doctor_phone,
        must_stay_home=body.must_stay_home,
        unpaid=body.unpaid,
        corrects=body.id,
        choices=body.options,
    )
    files = [file.attachment(str(uuid4())) for file in body.attachments]
    writes = await report_absence(services.desk, call.path["name"], source, report, files)
    await services.publisher.publish_for(call.path["name"])
    reports = [one for one in writes if one.write.deed is Deed.REPORT_ABSENCE]
    if all(one.state is WriteState.REFUSED for one in reports):
        expect_taken(services, source, reports[0])
    values = [absence_value(one) for one in reports]
    return values[0] if len(values) == 1 else values


async def delete_absence(services: Services, call: Call[Nothing, Nothing]) -> Written:
    """Withdraw an absence that was reported."""
    path = call.path
    withdrawn = await withdraw_absence(services.desk, path["name"], path["source"], path["id"])
    await services.publisher.publish_for(path["name"])
    state = WriteState.DONE if withdrawn is None else expect_taken(services, path["source"], withdrawn).state
    return {"id": path["id"], "state": state}


async def put_attachment(services: Services, call: Call[NewFile, Nothing]) -> AttachmentValue:
    """Attach a file to an absence, or replace it."""
    path = call.path
    file = call.body.attachment(path["attachment"])
    sent = await attach(services.desk, path["name"], path["source"], path["id"], file)
    return attachment_value(expect_taken(services, path["source"], sent))


async def delete_attachment(services: Services, call: Call[Nothing, Nothing]) -> AttachmentValue:
    """Take a file from an absence."""
    path = call.path
    sent = await detach(services.desk, path["name"], path["source"], path["id"], path["attachment"])
    return attachment_value(expect_taken(services, path["source"], sent))


async def create_contact(services: Services, call: Call[NewContact, Nothing]) -> ContactValue:
    """Set the number of a kind and type."""
    body, path = call.body, call.path
    contact = ContactNumber(body.kind, body.type, body.number)
    sent = await set_contact(services.desk, path["name"], path["source"], contact)
    return contact_value(expect_taken(services, path["source"], sent))


async def delete_contact(services: Services, call: Call[Nothing, Nothing]) -> Written:
    """Remove a number."""
    path = call.path
    sent = await remove_contact(services.desk, path["name"], path["source"], path["id"])
    return {"id": path["id"], "state": expect_taken(services, path["source"], sent).state}


_ABSENCES = "/users/{name}/absences/{source}"
_CONTACTS = "/users/{name}/contacts/{source}"
_FILE = f"{_ABSENCES}/{{id}}/attachments/{{attachment}}"
ENDPOINTS = (
    Endpoint("GET", _ABSENCES, get_absences, "absence list"),
    Endpoint("POST", _ABSENCES, create_absence, "absence report", HTTPStatus.CREATED, largest=LARGEST_BODY),
    Endpoint("DELETE", f"{_ABSENCES}/{{id}}", delete_absence, "absence withdraw"),
    Endpoint("PUT", _FILE, put_attachment, "absence attach", largest=LARGEST_BODY),
    Endpoint("DELETE", _FILE, delete_attachment, "absence detach"),
    Endpoint("POST", _CONTACTS, create_contact, "contact set", HTTPStatus.CREATED),
    Endpoint("DELETE", f"{_CONTACTS}/{{id}}", delete_contact, "contact remove"),
)
