"""A linter for calendars: it finds what breaks calendar programs although parsers accept it.

It reads bytes and knows nothing of how they were made.
"""
