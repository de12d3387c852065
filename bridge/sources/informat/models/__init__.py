"""The fields of Informat's "Personeel" Web API (documentation, version 2.9) that calendars need.

Names are those of Informat, with an underscore before each capital.
"""
