"""The routes."""

FEED = "/f/{token}.ics"
HEALTH = "/healthz"
READY = "/readyz"
METRICS = "/metrics"
LANDING = "/"
PERSON = "/m/{token}"
NEW_FEED = "/m/{token}/feeds/new"
EDIT_FEED = "/m/{token}/feeds/{feed}"
FEED_ADDRESS = "/m/{token}/feeds/{feed}/address"
REMOVE_FEED = "/m/{token}/feeds/{feed}/remove"
STATIC = "/static/{digest}/{name}"
ANYTHING = "/{path:.*}"

ROUTES = (
    FEED,
    HEALTH,
    READY,
    METRICS,
    LANDING,
    PERSON,
    NEW_FEED,
    EDIT_FEED,
    FEED_ADDRESS,
    REMOVE_FEED,
    STATIC,
    ANYTHING,
)
