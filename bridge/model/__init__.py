"""The neutral values between sources and calendars: events, days, names and texts.

They are frozen, and free of upstream words and of iCalendar.
"""
