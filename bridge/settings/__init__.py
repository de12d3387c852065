"""What an operator can set.

`schema` has the sections, `values` what they are made of, `load` reads them from file, secrets and environment.
"""
