"""Everything that lasts: users, accounts, logins, events, feeds and their bytes.

The only room that speaks SQL; what it hands out are frozen values.
"""
