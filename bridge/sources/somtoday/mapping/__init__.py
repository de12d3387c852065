"""SOMtoday's words to events: pure.

Times without an offset are local to the school.
"""
