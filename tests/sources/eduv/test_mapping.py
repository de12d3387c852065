"""From lists as a register may write them to names."""

import json
from itertools import permutations
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import BadResponse
from bridge.model.names import Names
from bridge.sources.eduv.mapping import Lists, read_names
from bridge.sources.eduv.reference import Reference
from bridge.upstream.contract import Reading
from tests.sources.bodies import body

SCHOOL = Reference("104A158")
VESTIGING = Reference("", "27QQ00", "V_ID")
OWN = {"organisationMasterIdentifier": "104A158", "name": "Fortes Lyceum", "status": "active"}
HAVO, VWO, GONE, OTHER = "0a1b", "0c2d", "0e3f", "0f4a"
STUDIES = [
    {
        "studyOfferingId": HAVO,
        "studyOfferingName": "havo 5",
        "studyName": "havo",
        "studyYear": 5,
        "status": "active",
    },
    {"studyOfferingId": VWO, "studyOfferingName": "vwo 6", "studyName": "vwo", "studyYear": 6, "status": "active"},
    {"studyOfferingId": GONE, "studyOfferingName": "vwo 6 (oud)", "status": "tobedeleted"},
]


def subject(name: Any, abbreviation: Any = None, *studies: str, status: Any = "active") -> dict[str, Any]:
    told = {"subjectOfferingId": "x", "subjectOfferingName": name, "status": status, "studyOfferings": list(studies)}
    return told if abbreviation is None else told | {"subjectOfferingAbbr": abbreviation}


def reading(
    *subjects: Any, organisations: Any = (OWN,), studies: Any = tuple(STUDIES), school: Reference = SCHOOL
) -> Reading:
    lists = Lists(body(organisations), body(subjects), body(studies))
    return read_names(lists, school=school, origin="Register")


def names(*subjects: Any, **more: Any) -> Names:
    found = reading(*subjects, **more)
    assert found.skipped == 0
    assert found.names is not None
    return found.names


NETL = subject("Nederlands", "netl")


def test_an_abbreviation_is_found_in_any_case() -> None:
    assert names(subject("Wiskunde B", "wisB")).subjects == {"wisb": "Wiskunde B"}


def test_the_same_subject_in_several_studies_has_one_name() -> None:
    found = names(subject("Nederlands", "netl", HAVO), subject("Nederlands", "NETL", VWO))
    assert found.subjects == {"netl": "Nederlands"}


def test_an_abbreviation_of_two_subjects_names_neither_and_is_nothing_unreadable() -> None:
    assert names(NETL, subject("Kunst", "ku", HAVO), subject("Kunde", "ku", VWO)).subjects == {"netl": "Nederlands"}


def test_two_subjects_of_one_abbreviation_are_told_apart_by_the_groups_of_their_studies() -> None:
    found = names(NETL, subject("Kunst", "ku", HAVO), subject("Kunde", "ku", VWO))
    assert found.subject("KU", ["5hku1"]) == found.subject("ku", ["h5a"]) == "Kunst"
    assert found.subject("ku", ["6Vku"]) == "Kunde"
    assert found.subject("netl", ["5hnetl"]) == "Nederlands"
    assert [found.subject("ku", groups) for groups in ((), ["4hku"], ["5hku1", "6vku"])] == [None, None, None]


@pytest.mark.parametrize(
    "told",
    [
        {"studyLevel": {"studyLevelName": "havo 5"}, "studyOfferingName": "bovenbouw"},
        {"studyLevel": None, "studyName": "havo", "studyOfferingName": "Havo 5"},
        {"studyLevel": [], "studyYear": 5, "studyOfferingName": "havo5"},
    ],
)
def test_a_study_that_says_its_year_only_in_its_name_tells_subjects_apart_too(told: dict[str, Any]) -> None:
    studies = [{"studyOfferingId": HAVO, "status": "active"} | told, STUDIES[1]]
    found = names(NETL, subject("Kunst", "ku", HAVO), subject("Kunde", "ku", VWO), studies=studies)
    assert (found.subject("ku", ["5hku1"]), found.subject("ku", ["6vku1"])) == ("Kunst", "Kunde")


def test_a_subject_of_studies_that_have_ended_does_not_make_an_abbreviation_ambiguous() -> None:
    found = names(subject("Geschiedenis", "ges", HAVO), subject("Staatsinrichting", "ges", GONE.upper()))
    assert found.subjects == {"ges": "Geschiedenis"}


def test_a_subject_of_studies_that_have_ended_keeps_its_name_while_no_other_has_it() -> None:
    assert names(subject("Staatsinrichting", "ges", GONE)).subjects == {"ges": "Staatsinrichting"}


def test_a_subject_of_a_study_that_is_not_listed_may_still_be_taught() -> None:
    assert names(NETL, subject("Kunst", "ku", OTHER), subject("Kunde", "ku", VWO)).subjects == {"netl": "Nederlands"}


@pytest.mark.parametrize("status", ["tobedeleted", " ToBeDeleted "])
def test_a_subject_that_is_to_be_deleted_is_not_there(status: str) -> None:
    old = subject("Wiskunde B1,2", "wisB", status=status)
    assert names(old, subject("Wiskunde B", "wisB")).subjects == {"wisb": "Wiskunde B"}
    assert names(old).subjects == {}


@pytest.mark.parametrize("abbreviation", [None, "", "  ", [], {}, True])
def test_a_subject_without_an_abbreviation_is_no_fault(abbreviation: Any) -> None:
    assert names(NETL, subject("Mentoruur") | {"subjectOfferingAbbr": abbreviation}).subjects == {"netl": "Nederlands"}


def test_padding_and_control_characters_go() -> None:
    assert names(subject(" Wis\u0000kunde\r\n B ", " wisB\t")).subjects == {"wisb": "Wiskunde B"}


def test_whatever_the_order_the_names_are_the_same() -> None:
    subjects = [
        subject("Wiskunde B", "wisB"),
        subject("wiskunde b", "WISB"),
        subject("Kunst", "ku"),
        subject("Kunde", "ku"),
    ]
    told = {json.dumps(dict(names(*order).subjects)) for order in permutations(subjects)}
    assert told == {'{"wisb": "Wiskunde B"}'}


def test_what_cannot_be_read_is_left_out_and_counted() -> None:
    found = reading(NETL, NETL, subject(None, "x"), "nonsense", NETL)
    assert found.names is not None
    assert (found.skipped, found.names.subjects) == (2, {"netl": "Nederlands"})


@pytest.mark.parametrize("subjects", [(), (subject(None, "x"), NETL, {}), ([],)])
def test_no_subjects_or_mostly_unreadable_ones_fail(subjects: tuple[Any, ...]) -> None:
    with pytest.raises(BadResponse):
        reading(*subjects)


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("told", [b"", b"<html>", b"{}", b"null", b'"x"', b"[", b'{"items": []}'])
def test_what_is_no_list_fails(place: int, told: bytes) -> None:
    bodies = [body([OWN]), body([NETL]), body(STUDIES)]
    bodies[place] = body(told)
    with pytest.raises(BadResponse):
        read_names(Lists(*bodies), school=SCHOOL, origin="Register")


def test_the_school_is_found_among_others_by_either_identifier() -> None:
    other = {"organisationMasterIdentifier": "105B263", "name": "Fortes Mavo", "status": "active"}
    own = OWN | {
        "organisationMasterIdentifier": " 104a158",
        "organisationIds": [None, {"organisationId": "27qq00", "organisationIdType": "v_id"}],
    }
    assert names(NETL, organisations=[other, own]).school == "Fortes Lyceum"
    assert names(NETL, organisations=[other, own], school=VESTIGING).school == "Fortes Lyceum"
    with pytest.raises(BadResponse, match="does not know the organisation"):
        reading(NETL, organisations=[other, own], school=Reference("", "27QQ00", "DD_ID"))


def test_a_school_that_is_listed_twice_has_one_name_whatever_the_order() -> None:
    sites = [OWN | {"name": name} for name in ("Fortes Lyceum Oost", "Fortes Lyceum")]
    assert {names(NETL, organisations=order).school for order in (sites, sites[::-1])} == {"Fortes Lyceum"}


def test_a_single_organisation_without_such_an_identifier_is_the_school() -> None:
    nameless = {"name": "Fortes Lyceum", "status": "active", "organisationIds": None}
    assert names(NETL, organisations=[nameless]).school == "Fortes Lyceum"
    for organisations in ([], [nameless, nameless], [nameless | {"organisationMasterIdentifier": "105B263"}]):
        with pytest.raises(BadResponse):
            reading(NETL, organisations=organisations)


def test_a_school_that_is_to_be_deleted_is_not_there() -> None:
    with pytest.raises(BadResponse):
        reading(NETL, organisations=[OWN | {"status": "tobedeleted"}])


def test_a_location_is_found_by_each_of_its_codes_and_by_its_name() -> None:
    locations = [
        {
            "locationMasterIdentifier": "112X995",
            "locationIds": [{"locationId": "27QQ00", "locationIdType": "VE_CODE"}],
            "name": "Centrum",
        },
        {"locationIds": None, "name": "Oost"},
        {"locationMasterIdentifier": "112X997", "name": None},
        None,
    ]
    assert names(NETL, organisations=[OWN | {"locations": locations}]).locations == {
        "112x995": "Centrum",
        "27qq00": "Centrum",
        "centrum": "Centrum",
        "oost": "Oost",
    }


def test_a_code_of_two_locations_names_neither() -> None:
    locations = [{"locationMasterIdentifier": "1", "name": name} for name in ("Centrum", "Oost")]
    found = names(NETL, organisations=[OWN | {"locations": locations}])
    assert found.locations == {"centrum": "Centrum", "oost": "Oost"}


def test_subjects_of_another_school_are_left_out_where_the_studies_tell() -> None:
    subjects = [subject("Nederlands", "netl", HAVO), subject("Taal", "netl", OTHER), subject("Beeldend", "bv", OTHER)]
    organisations = [OWN | {"organisationIds": [{"organisationId": "27QQ00", "organisationIdType": "V_ID"}]}]
    found = names(*subjects, subject("Mentoruur", "mu"), organisations=organisations, school=VESTIGING)
    assert found.subjects == {"netl": "Nederlands", "mu": "Mentoruur"}
    found = names(*subjects, organisations=organisations, school=VESTIGING, studies=())
    assert found.subjects == {"bv": "Beeldend"}
    with pytest.raises(BadResponse, match="no subjects of the school"):
        reading(*subjects[1:], organisations=organisations, school=VESTIGING)


texts = st.sampled_from(["netl", "NETL", "wisB", "", " ", "\x00", "\ud800", "Straße", "STRASSE", "ku"])
statuses = st.sampled_from(["active", "tobedeleted", None])


@given(st.lists(st.tuples(texts, texts, statuses), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_more_of_a_register_never_renames_a_subject_but_at_most_makes_it_ambiguous(
    told: list[tuple[str, str, str | None]], chance: Random
) -> None:
    subjects = [subject(name, short, status=status) for name, short, status in told]
    some = chance.sample(subjects, chance.randint(1, len(subjects)))
    try:
        few, many = reading(*some).names, reading(*subjects).names
    except BadResponse:
        return
    assert few is not None
    assert many is not None
    for key, name in few.subjects.items():
        assert many.subjects.get(key, name).casefold() == name.casefold()
