"""UIDs."""

import json
import uuid

from hypothesis import given
from hypothesis import strategies as st

from bridge.model.event import Kind
from bridge.model.tracked import uid_of
from tests.sync.answering import at, lesson


@given(st.tuples(st.text(), st.text(), st.sampled_from(Kind), st.text()), st.data())
def test_a_uid_is_stable_plain_and_everyones_own(named: tuple[str, str, Kind, str], data: st.DataObject) -> None:
    def uid(source: str, person: str, kind: Kind, identity: str) -> str:
        return uid_of(source, person, lesson(identity, kind=kind))

    assert uid(*named) == uid(*named)
    assert not set(uid(*named)) & set(',;\\\r\n "')
    other = data.draw(st.tuples(st.text(), st.text(), st.sampled_from(Kind), st.text()).filter(lambda o: o != named))
    assert uid(*named) != uid(*other)


@given(st.text(), st.text(), st.sampled_from(Kind), st.text())
def test_a_uid_is_the_uuid_5_of_a_json_list(source: str, person: str, kind: Kind, identity: str) -> None:
    name = json.dumps([source, person, kind, identity])
    expected = str(uuid.uuid5(uuid.UUID("5b0c1c4e-6a52-5d0f-9d4b-6f1f3f0f7e21"), name))
    assert uid_of(source, person, lesson(identity, kind=kind)) == expected


def test_a_uid_does_not_depend_on_what_may_change() -> None:
    assert uid_of("fortes", "7", lesson()) == uid_of("fortes", "7", lesson(when=at(1), title="Frans"))
