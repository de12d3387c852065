"""A made-up upstream: a chess club with a list of lessons that can change in any way, and the source that reads it.

It belongs to no school system, so that tests of what all sources share stand on nobody's fields. It is found like
any source that somebody else wrote, by an entry point: `installed` is the folder that has it.
"""
