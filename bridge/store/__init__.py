"""Everything that is stored: users, accounts, logins, events, feeds and their bytes.

It is the only room with SQL; it returns frozen values.
"""
