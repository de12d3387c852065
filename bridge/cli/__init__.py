"""The commands: what an operator types, and what it prints.

Exit 0: done; 1: failed, with one sentence on standard error; 2: wrong usage.
"""
