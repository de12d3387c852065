"""From events to iCalendar text (RFC 5545, RFC 7986).

It is pure: equal events and options give equal bytes.
"""
