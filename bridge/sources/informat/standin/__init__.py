"""A server that speaks this upstream's API, for the demo and for tests.

It is as picky as the real one, and counts what it is asked.
"""
