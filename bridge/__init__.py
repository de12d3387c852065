"""Roosterbridge: school timetables as calendar feeds."""

__version__ = "0.1.0"
