"""The routes."""

FEED = "/f/{token}.ics"
HEALTH = "/healthz"
READY = "/readyz"
METRICS = "/metrics"
LANDING = "/"
PERSON = "/m/{token}"
STATIC = "/static/{digest}/{name}"
ANYTHING = "/{path:.*}"

ROUTES = (FEED, HEALTH, READY, METRICS, LANDING, PERSON, STATIC, ANYTHING)
