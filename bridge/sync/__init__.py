"""How accounts stay up to date: what is due is asked for, compared with what is kept, and saved.

Nothing here knows a source by name or writes a calendar.
"""
