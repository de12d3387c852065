"""Connecting people: accounts, logins and rosters.

Commands and, later, pages call the same functions.
"""
