"""The options of an account at MyTimetable."""

TIMETABLES, TYPE, FILTER = "timetables", "type", "filter"
OPTIONS = {
    TIMETABLES: "single timetables, comma-separated: keys, or words to look them up by; they need no person",
    TYPE: "look words up only among timetables of this type, such as `module`",
    FILTER: "look words up only with this filter, such as `department=Law`",
}
