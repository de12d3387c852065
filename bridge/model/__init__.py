"""The neutral values between sources and calendars: events, days, names and texts.

They are frozen and know neither the words of a school's system nor iCalendar.
"""
