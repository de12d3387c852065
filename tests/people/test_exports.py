import json

import pytest

from bridge.errors import UnknownName
from bridge.people.exports import everything_about
from tests.conftest import OpenSchool


async def test_a_person_gets_all_that_is_kept_of_them_and_of_nobody_else(open_school: OpenSchool) -> None:
    async with open_school() as school:
        await school.add("anna", "club")
        await school.add("bram", "club")
        await school.feed("anna", cancelled="hide")
        await school.refresh()
        store = school.bridge.store
        token = await store.links.token("anna", school.clock())
        found = await everything_about(store, "anna")
        assert found["user"]["name"] == "anna"
        assert (found["page"], found["member_of"]) == ("kept encrypted", [])
        (account,) = found["accounts"]
        assert (account["source"], account["person"], account["login"]) == ("club", "anna", "kept encrypted")
        assert len(account["events"]) >= 20
        assert account["events"][0]["event"]["title"]
        (feed,) = found["feeds"]
        assert feed["options"] == {"cancelled": "hide"}
        text = json.dumps(found)
        assert token not in text
        assert "refresh-anna" not in text
        assert "bram" not in text.lower()
        with pytest.raises(UnknownName):
            await everything_about(store, "nobody")
