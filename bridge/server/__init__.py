"""The HTTP server: feeds, health and metrics.

It looks bytes up; it neither fetches nor renders.
"""
