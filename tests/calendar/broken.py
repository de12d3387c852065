"""A good calendar, and edits of it that break one rule each, or none: old text for new."""

GOOD = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Roosterbridge//Roosterbridge//NL
CALSCALE:GREGORIAN
NAME:Rooster van Noor\\, 4V
X-WR-CALNAME:Rooster van Noor\\, 4V
X-WR-TIMEZONE:Europe/Amsterdam
REFRESH-INTERVAL;VALUE=DURATION:PT30M
X-PUBLISHED-TTL:PT30M
COLOR:royalblue
BEGIN:VTIMEZONE
TZID:Europe/Amsterdam
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VTIMEZONE
TZID:America/Curacao
BEGIN:STANDARD
DTSTART:19700101T000000
TZNAME:AST
TZOFFSETFROM:-0400
TZOFFSETTO:-0400
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:les-1
DTSTAMP:20260901T060000Z
CREATED:20260901T060000Z
LAST-MODIFIED:20260901T060000Z
SEQUENCE:3
DTSTART;TZID=Europe/Amsterdam:20261024T220000
DTEND;TZID=Europe/Amsterdam:20261025T040000
SUMMARY:Biologie\\, practicum\\; groep 1
LOCATION:A1.03
DESCRIPTION:Neem mee:\\n- passer\\n- een \\\\ en een é nee\\, twee: dat is
  de regel die te lang is
URL:https://rooster.example.nl/les?a=1,2;b=3
CONFERENCE;VALUE=URI;LABEL="Les: op afstand":https://meet.example.nl/x
GEO:52.37;-4.9
CATEGORIES:Les,Toets
STATUS:CONFIRMED
TRANSP:OPAQUE
CLASS:PUBLIC
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
BEGIN:VALARM
UID:les-1-a
ACTION:DISPLAY
TRIGGER:-PT10M
DESCRIPTION:Biologie
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:dag-1
DTSTAMP:20260901T060000Z
DTSTART;VALUE=DATE:20261026
DTEND;VALUE=DATE:20261027
SUMMARY:Studiedag
END:VEVENT
BEGIN:VEVENT
UID:nacht-1
DTSTAMP:20260901T060000Z
DTSTART:20261025T003000Z
DTEND:20261025T013000Z
SUMMARY:Nacht
END:VEVENT
BEGIN:VEVENT
UID:ver-1
DTSTAMP:20260901T060000Z
DTSTART;TZID="America/Curacao":20260329T023000
DTEND;TZID=America/Curacao:20260329T033000
SUMMARY:Ver weg
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")
_ZONES = GOOD.index("BEGIN:VTIMEZONE")
_EVENTS = GOOD.index("BEGIN:VEVENT")
_END = GOOD.index("END:VCALENDAR")
CURACAO = GOOD[GOOD.index("BEGIN:VTIMEZONE\r\nTZID:America") : _EVENTS]
FAR = GOOD[GOOD.index("BEGIN:VEVENT\r\nUID:ver-1") : _END]

BROKEN = [
    ("utf-8", "Studiedag", "Studie\udce9dag"),
    ("split-character", "een é nee", "een \udcc3\r\n \udca9 nee"),
    ("line-ending", "SUMMARY:Studiedag\r\n", "SUMMARY:Studiedag\n"),
    ("line-ending", "SUMMARY:Studiedag\r\n", "SUMMARY:Studiedag\r"),
    ("line-ending", "END:VCALENDAR\r\n", "END:VCALENDAR"),
    ("empty-line", "SUMMARY:Studiedag\r\n", "SUMMARY:Studiedag\r\n\r\n"),
    ("empty-line", "END:VCALENDAR\r\n", "END:VCALENDAR\r\n\r\n"),
    ("line-length", "SUMMARY:Studiedag", "SUMMARY:Studiedag" + "é" * 30),
    ("line-length", "  de regel die te lang is", " " + "x" * 75),
    *(("control-character", "Studiedag", f"Studie{bad}dag") for bad in "\x00\x07\x0b\x1f\x7f\x85\u2028\ufeff"),
    ("content-line", "SUMMARY:Studiedag", "SUMMARY:Studiedag\r\nNog iets"),
    ("content-line", "SUMMARY:Studiedag", "SUMMARY:Studiedag\r\nX-A;B:c"),
    ("content-line", "SUMMARY:Studiedag", "SUMMARY:Studiedag\r\n:c"),
    ("content-line", "SUMMARY:Studiedag", 'SUMMARY:Studiedag\r\nX-A;B="c:d'),
    ("property-name", "SUMMARY:Studiedag", "Summary:Studiedag"),
    ("property-name", "DTSTART;VALUE=DATE:20261026", "DTSTART;value=DATE:20261026"),
    ("property-name", "END:VALARM", "END:Valarm"),
    ("text-escape", "Biologie\\, practicum", "Biologie, practicum"),
    ("text-escape", "\\; groep 1", "; groep 1"),
    ("text-escape", "\\; groep 1", "\\x groep 1"),
    ("text-escape", "\\; groep 1", "\\\\; groep 1"),
    ("text-escape", "groep 1", "groep 1\\"),
    ("text-escape", "X-WR-CALNAME:Rooster van Noor\\, 4V", "X-WR-CALNAME:Rooster van Noor, 4V"),
    ("text-escape", "CATEGORIES:Les,Toets", "CATEGORIES:Les;Toets"),
    ("newline-escape", "- passer\\n", "- passer\\N"),
    ("nesting", "SUMMARY:Studiedag\r\nEND:VEVENT\r\n", "SUMMARY:Studiedag\r\n"),
    ("nesting", "END:VALARM\r\nEND:VEVENT\r\n", "END:VEVENT\r\n"),
    ("nesting", "END:VALARM\r\nEND:VEVENT\r\n", "END:VEVENT\r\nEND:VALARM\r\n"),
    ("nesting", "END:VCALENDAR\r\n", ""),
    ("nesting", "END:VALARM\r\n", "END:VALARM\r\nEND:X-OTHER\r\n"),
    ("nesting", GOOD, ""),
    ("component", "BEGIN:VALARM", "BEGIN:VJOURNAL\r\nEND:VJOURNAL\r\nBEGIN:VALARM"),
    ("component", "END:VCALENDAR", "BEGIN:DAYLIGHT\r\nEND:DAYLIGHT\r\nEND:VCALENDAR"),
    ("todo", "END:VCALENDAR", "BEGIN:VTODO\r\nUID:todo\r\nEND:VTODO\r\nEND:VCALENDAR"),
    ("after-end", "END:VCALENDAR\r\n", "END:VCALENDAR\r\nX-MORE:1\r\n"),
    ("after-end", "END:VCALENDAR\r\n", "END:VCALENDAR\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"),
    ("missing-property", "VERSION:2.0\r\n", ""),
    ("missing-property", "PRODID:-//Roosterbridge//Roosterbridge//NL\r\n", ""),
    ("missing-property", "UID:dag-1\r\n", ""),
    ("missing-property", "UID:dag-1\r\nDTSTAMP:20260901T060000Z\r\n", "UID:dag-1\r\n"),
    ("missing-property", "DTSTART;VALUE=DATE:20261026\r\n", ""),
    ("missing-property", "DTEND;VALUE=DATE:20261027\r\n", ""),
    ("missing-property", "SUMMARY:Studiedag\r\n", ""),
    ("missing-property", "SUMMARY:Studiedag\r\n", "SUMMARY:\r\n"),
    ("repeated-property", "SUMMARY:Studiedag\r\n", "SUMMARY:Studiedag\r\nSUMMARY:Vrij\r\n"),
    ("method", "CALSCALE:GREGORIAN\r\n", "CALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\n"),
    ("uid-duplicate", "UID:dag-1", "UID:les-1"),
    ("uid-duplicate", "UID:les-1-a", "UID:dag-1"),
    *(("uid-characters", "UID:dag-1", f"UID:dag{bad}1") for bad in (",", ";", "\\", "\\,")),
    ("date-form", "20261025T003000Z", "2026-10-25T00:30:00Z"),
    ("date-form", "20261025T003000Z", "20260230T003000Z"),
    ("date-form", "20261025T003000Z", "20261025T243000Z"),
    ("date-form", "20261025T003000Z", "20261025"),
    ("date-form", "VALUE=DATE:20261026", "VALUE=DATE:20261026T000000Z"),
    ("date-form", "CREATED:20260901T060000Z", "CREATED:gisteren"),
    (
        "floating-time",
        "DTSTART:20261025T003000Z\r\nDTEND:20261025T013000Z",
        "DTSTART:20261025T003000\r\nDTEND:20261025T013000",
    ),
    ("type-mismatch", "DTEND;VALUE=DATE:20261027", "DTEND:20261027T000000Z"),
    ("type-mismatch", "DTEND:20261025T013000Z", "DTEND;TZID=Europe/Amsterdam:20261025T043000"),
    ("type-mismatch", "DTEND;TZID=America/Curacao:20260329T033000", "DTEND;TZID=Europe/Amsterdam:20260329T093000"),
    ("end-before-start", "DTEND;VALUE=DATE:20261027", "DTEND;VALUE=DATE:20261026"),
    ("end-before-start", "DTEND:20261025T013000Z", "DTEND:20261025T003000Z"),
    ("end-before-start", "DTEND;TZID=Europe/Amsterdam:20261025T040000", "DTEND;TZID=Europe/Amsterdam:20261023T233000"),
    ("duration", "DTEND:20261025T013000Z", "DURATION:PT1H"),
    *(("utc-stamp", f"{name}:20260901T060000Z", f"{name}:20260901T060000") for name in ("CREATED", "LAST-MODIFIED")),
    ("utc-stamp", "UID:dag-1\r\nDTSTAMP:20260901T060000Z", "UID:dag-1\r\nDTSTAMP:20260901T060000"),
    *(("sequence", "SEQUENCE:3", f"SEQUENCE:{bad}") for bad in ("-1", "3.0", "", "drie")),
    ("value", "STATUS:CONFIRMED", "STATUS:COMPLETED"),
    ("value", "TRANSP:OPAQUE", "TRANSP:BUSY"),
    ("value", "CLASS:PUBLIC", "CLASS:SECRET"),
    ("value", "BUSYSTATUS:BUSY", "BUSYSTATUS:DRUK"),
    ("value", "VERSION:2.0", "VERSION:1.0"),
    *(("colour", "COLOR:royalblue", f"COLOR:{bad}") for bad in ("#4169e1", "koningsblauw", "")),
    ("refresh-interval", "REFRESH-INTERVAL;VALUE=DURATION:PT30M", "REFRESH-INTERVAL:PT30M"),
    ("refresh-interval", "REFRESH-INTERVAL;VALUE=DURATION:PT30M", "REFRESH-INTERVAL;VALUE=DURATION:30m"),
    *(("published-ttl", "TTL:PT30M", f"TTL:{bad}") for bad in ("PT", "P30M", "PT0S", "0:30:00", "P1DT")),
    *(("geo", "GEO:52.37;-4.9", f"GEO:{bad}") for bad in ("52.37,-4.9", "52.37", "91;4.9", "52;181", "1e-05;4")),
    *(
        ("uri", "URL:https://rooster.example.nl/les?a=1,2;b=3", f"URL:{bad}")
        for bad in ("/les/1", "http:///x", "https:", "www x", "https://a b", "")
    ),
    ("uri", "CONFERENCE;VALUE=URI", "CONFERENCE;VALUE=TEXT"),
    ("alarm", "ACTION:DISPLAY\r\n", ""),
    ("alarm", "TRIGGER:-PT10M\r\n", ""),
    ("alarm", "TRIGGER:-PT10M", "TRIGGER:-10m"),
    ("alarm", "DESCRIPTION:Biologie\r\n", ""),
    ("tzid-undefined", CURACAO, ""),
    ("tzid-undefined", "DTEND:20261025T013000Z\r\n", "DTEND:20261025T013000Z\r\nEXDATE;TZID=UTC:20261025T003000\r\n"),
    ("timezone-form", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\n", "RDATE:20261025T030000\r\n"),
    ("timezone-form", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\n", ""),
    ("timezone-form", "BYDAY=-1SU;BYMONTH=10", "BYDAY=-1SU;BYMONTH=10;UNTIL=20301027T010000Z"),
    ("timezone-form", "BYDAY=-1SU;BYMONTH=10", "BYMONTHDAY=25;BYMONTH=10"),
    ("timezone-form", "DTSTART:19701025T030000", "DTSTART:20261025T030000"),
    ("timezone-form", "DTSTART:19701025T030000", "DTSTART:19701018T030000"),
    ("timezone-form", "DTSTART:19700101T000000", "DTSTART:20260101T000000"),
    ("timezone-form", "TZNAME:AST\r\n", "TZNAME:AST\r\nRRULE:FREQ=YEARLY\r\n"),
    ("timezone-form", "TZOFFSETFROM:-0400", "TZOFFSETFROM:-4"),
    ("timezone-unused", FAR, ""),
    ("timezone-duplicate", CURACAO, CURACAO * 2),
    ("timezone-offset", "TZOFFSETFROM:-0400\r\nTZOFFSETTO:-0400", "TZOFFSETFROM:-0300\r\nTZOFFSETTO:-0300"),
    ("timezone-offset", "DTSTART:19701025T030000", "DTSTART:19701025T040000"),
    (
        "timezone-offset",
        "DTSTART:19701025T030000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU",
        "DTSTART:19701004T030000\r\nRRULE:FREQ=YEARLY;BYDAY=1SU",
    ),
    ("clock-change", "20261025T040000", "20261025T020000"),
    ("clock-change", "20261025T040000", "20261025T025959"),
    ("clock-change", "20261024T220000", "20260329T020000"),
    ("clock-change", "20261024T220000", "20260329T025959"),
]
FINE = [
    ("20261025T040000", "20261025T030000"),
    ("20261025T040000", "20261025T015959"),
    ("20261024T220000", "20260329T030000"),
    ("20261024T220000", "20260329T015959"),
    ("CATEGORIES:Les,Toets", "CATEGORIES:Les\\, Toets\r\nCATEGORIES:Les"),
    ("COLOR:royalblue", "COLOR:RoyalBlue"),
    ("TRIGGER:-PT10M", "TRIGGER:PT0S"),
    ("TRIGGER:-PT10M", "TRIGGER;VALUE=DATE-TIME:20261024T200000Z"),
    ("SEQUENCE:3", "SEQUENCE:0"),
    ("GEO:52.37;-4.9", "GEO:-90;180.0"),
    ("URL:https://rooster", "URL:HTTPS://gebruiker@rooster"),
    ("Studiedag", "Studie\tdag 😀"),
    ("TTL:PT30M", "TTL:P1DT12H30M"),
    ("TTL:PT30M", "TTL:P1W"),
    (GOOD[_ZONES:_END], ""),
    (CURACAO + GOOD[_EVENTS:_END], GOOD[_EVENTS:_END] + CURACAO),
]
