"""Connecting people: accounts, logins and rosters.

Commands, pages and the API call the same functions.
"""
