"""The routes."""

FEED = "/f/{token}.ics"
HEALTH = "/healthz"
READY = "/readyz"
METRICS = "/metrics"

ROUTES = (FEED, HEALTH, READY, METRICS)
