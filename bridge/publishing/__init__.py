"""From stored events to stored bytes.

It makes what the store says is wanted and lets nothing out that would break a calendar program.
"""
