"""Connecting people: accounts, logins and rosters.

Commands and pages call the same functions here.
"""
