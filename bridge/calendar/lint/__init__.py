"""What calendar programs stumble over and parsers let through, found in the bytes of a calendar.

It knows nothing of how the bytes were made, so that it can be asked whether they may go out.
"""
