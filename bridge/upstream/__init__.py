"""What every source is built on: the contract, HTTP, OAuth 2, stand-ins.

It names no source; `discovery` finds them.
"""
