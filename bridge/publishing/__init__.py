"""From stored events to stored calendars.

It makes the feeds that the store lists as wanted, and publishes nothing that would break a calendar program.
"""
