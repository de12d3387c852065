"""What cannot be read keeps the event of its identity."""

from bridge.model.event import Timed
from bridge.sources.somtoday.mapping.absences import same_as_earlier
from bridge.upstream.contract import Unread
from tests.sources.somtoday.answers import absences, link, observation, registrations, report, utc, vacation, vacations


def test_what_cannot_be_read_keeps_its_event_in_every_list() -> None:
    wrong = {"beginDatumTijd": "x"}
    assert absences([report(1), report(2, **wrong)]).unread == (Unread("melding:2"),)
    assert absences([], [observation(1), observation(2, **wrong)]).unread == (Unread("waarneming:2"),)
    registered = {"begin": "2026-09-07T11:15:00", "registratieId": 1}
    missing = registered | {"registratieId": 2, "begin": None}
    for group, name in (("teLaat", "melding:2"), ("afwezigWaarnemingen", "waarneming:2")):
        assert registrations({group: [registered, missing]}).unread == (Unread(name),)
    lacking = {"uniqueIdentifier": "h2", "beginDatumTijd": 7}
    assert registrations({"teLaat": [registered], "huiswerkNietGemaakt": [lacking]}).unread == (
        Unread("huiswerkNietGemaakt:h2"),
    )
    assert vacations(vacation(1), vacation(2, eindDatum="x")).unread == (Unread("2"),)
    nameless = vacation(links=[])
    [known] = vacations(nameless).events
    assert vacations(vacation(1), nameless | {"eindDatum": None}).unread == (Unread(known.identity),)
    good = link("SUMMARY:Les")
    assert link("SUMMARY:Les", "SUMMARY:Toets", "SUMMARY:Les\nDTEND:x").unread == (Unread(good.events[0].identity),)


def test_an_absence_that_was_seen_does_not_show_beside_its_report_that_cannot_be_read() -> None:
    other = {"beginDatumTijd": "2026-09-08T11:15:00", "eindDatumTijd": "2026-09-08T12:00:00"}
    at = Timed(utc(2026, 9, 7, 9, 15), utc(2026, 9, 7, 10), "Europe/Amsterdam")
    told = absences([report(9, eindDatumTijd="x"), report(8, **other)], [observation(1)])
    reading = same_as_earlier(told, {"melding:9": at})
    assert [event.identity for event in reading.events] == ["melding:8"]
