"""From SOMtoday's items to events. Pure.

Times without an offset are local times of the school.
"""
