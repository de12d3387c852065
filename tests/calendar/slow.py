"""Events and calendars written by the icalendar library, to hold the quick way against."""

from datetime import timedelta

from icalendar import Alarm, Calendar, vDuration, vText, vUri
from icalendar import Event as VEvent

from bridge.calendar.event import Content


def slow_event(content: Content) -> VEvent:
    block = VEvent()
    block.add("uid", content.uid)
    block.add("dtstamp", content.modified)
    block.add("created", content.created)
    block.add("last-modified", content.modified)
    block.add("sequence", content.sequence)
    block.add("dtstart", content.start)
    block.add("dtend", content.end)
    block.add("summary", content.summary)
    if content.location:
        block.add("location", content.location)
    if content.description:
        block.add("description", content.description)
    if content.url:
        block.add("url", vUri(content.url))
    if content.conference:
        block.add("conference", vUri(content.conference), parameters={"VALUE": "URI"})
    if content.position:
        block.add("geo", tuple(float(degrees) for degrees in content.position.split(";")))
    if content.category:
        block.add("categories", [content.category])
    if content.colour:
        block.add("color", content.colour)
    block.add("status", content.status)
    block.add("transp", content.transparency)
    block.add("class", content.privacy)
    block.add("x-microsoft-cdo-busystatus", vText(content.busy_status))
    for reminder in content.reminders:
        alarm = Alarm()
        alarm.add("uid", reminder.uid(content.uid))
        alarm.add("action", "DISPLAY")
        alarm.add("description", content.summary)
        alarm.add("trigger", content.begins - reminder.ahead)
        block.add_component(alarm)
    return block


def slow_bytes(content: Content) -> bytes:
    return bytes(slow_event(content).to_ical())


def slow_calendar(contents: list[Content]) -> bytes:
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//x//x//EN")
    for content in contents:
        calendar.add_component(slow_event(content))
    return bytes(calendar.to_ical())


def slow_head(title: str, description: str, interval: timedelta, zone: str) -> bytes:
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Roosterbridge//Roosterbridge//NL")
    calendar.add("calscale", "GREGORIAN")
    if description:
        calendar.add("description", vText(description))
        calendar.add("x-wr-caldesc", vText(description))
    calendar.add("name", vText(title))
    calendar.add("x-wr-calname", vText(title))
    calendar.add("x-wr-timezone", vText(zone))
    calendar.add("refresh-interval", vDuration(interval), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(interval))
    calendar.add("color", "royalblue")
    return bytes(calendar.to_ical()).removesuffix(b"END:VCALENDAR\r\n")
