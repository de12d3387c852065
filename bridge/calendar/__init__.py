"""Calendars: events become iCalendar bytes (RFC 5545, RFC 7986).

Everything here is pure: the same events and options give the same bytes, and nothing is read or written.
"""
