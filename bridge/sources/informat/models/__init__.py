"""Informat's words, after the field tables of its document ("Personeel" Web API, version 2.9).

Names are theirs, with an underscore before each capital; what calendars do not need is not read.
"""
