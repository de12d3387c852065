"""When calendars say that nothing new comes."""

from datetime import timedelta

PATIENCE = timedelta(hours=24)
"""How long an account may need a login, or fail, before its feeds say so."""
