"""The commands that an operator types.

They exit with 0 when done, with 1 after one sentence on standard error, and with 2 after wrong usage.
"""
