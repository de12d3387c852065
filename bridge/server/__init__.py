"""The HTTP server: feeds, pages for people and operators, the API, health and metrics.

A feed's bytes are looked up; nothing is fetched or rendered for a request of one.
"""
