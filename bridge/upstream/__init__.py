"""What a source is written against: the contract, HTTP, OAuth 2, stand-ins.

It knows no source by name; `discovery` finds them.
"""
