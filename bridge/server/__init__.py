"""The web side: feeds, health and metrics.

It looks things up; it fetches and renders nothing.
"""
