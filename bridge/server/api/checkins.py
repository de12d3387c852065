"""`/users/{name}/checkins/{source}`: how a day was."""

from http import HTTPStatus

from pydantic import Field

from bridge.server.api.endpoint import Call, Endpoint, Given, Nothing, Text
from bridge.server.api.taken import expect_taken
from bridge.server.services import Services
from bridge.sync.checkins import CheckInValue, check_in, check_in_value, withdraw_check_in
from bridge.upstream.writing import DailyCheckIn


class NewCheckIn(Given):
    """The check-in of today."""

    hours: float = Field(allow_inf_nan=False, description="the hours worked today")
    mood: int | None = Field(None, ge=1, le=10, repr=False, description="from 1, bad, to 10, very good")
    mood_description: Text = Field("", repr=False, description="the mood in a word")
    comment: Text = Field("", repr=False, description="a comment")


async def create_check_in(services: Services, call: Call[NewCheckIn, Nothing]) -> CheckInValue:
    """Check in for today, also in the place of an earlier check-in."""
    body, path = call.body, call.path
    daily = DailyCheckIn(body.hours, body.mood, body.mood_description, body.comment)
    sent = await check_in(services.desk, path["name"], path["source"], daily)
    await services.publisher.publish_for(path["name"])
    return check_in_value(expect_taken(services, path["source"], sent))


async def delete_check_in(services: Services, call: Call[Nothing, Nothing]) -> CheckInValue:
    """Withdraw the check-in of today."""
    path = call.path
    sent = await withdraw_check_in(services.desk, path["name"], path["source"])
    await services.publisher.publish_for(path["name"])
    return check_in_value(expect_taken(services, path["source"], sent))


_PATH = "/users/{name}/checkins/{source}"
ENDPOINTS = (
    Endpoint("POST", _PATH, create_check_in, "checkin daily", HTTPStatus.CREATED),
    Endpoint("DELETE", _PATH, delete_check_in, "checkin withdraw"),
)
