"""The routes."""

FEED = "/f/{token}.ics"
HEALTH = "/healthz"
READY = "/readyz"
METRICS = "/metrics"
API = "/api"
LANDING = "/"
SIGN_IN = "/login"
SIGNED_IN = "/login/callback"
JOINED = "/login/join"
SIGN_OUT = "/logout"
PERSON = "/m/{token}"
JOIN = "/m/{token}/sign-in"
NEW_FEED = "/m/{token}/feeds/new"
EDIT_FEED = "/m/{token}/feeds/{feed}"
FEED_ADDRESS = "/m/{token}/feeds/{feed}/address"
REMOVE_FEED = "/m/{token}/feeds/{feed}/remove"
CONNECT = "/m/{token}/connect"
CONNECT_TO = "/m/{token}/connect/{source}"
LOG_IN = "/m/{token}/connect/{source}/login"
DISCONNECT = "/m/{token}/connect/{source}/remove"
COME_BACK = "/connect/callback"
EVERYTHING = "/m/{token}/data"
END_ACCESS = "/m/{token}/end"
REMOVE_ME = "/m/{token}/remove"
STATIC = "/static/{digest}/{name}"
ANYTHING = "/{path:.*}"

ROUTES = (
    FEED,
    HEALTH,
    READY,
    METRICS,
    API,
    LANDING,
    SIGN_IN,
    SIGNED_IN,
    JOINED,
    SIGN_OUT,
    PERSON,
    JOIN,
    NEW_FEED,
    EDIT_FEED,
    FEED_ADDRESS,
    REMOVE_FEED,
    CONNECT,
    CONNECT_TO,
    LOG_IN,
    DISCONNECT,
    COME_BACK,
    EVERYTHING,
    END_ACCESS,
    REMOVE_ME,
    STATIC,
    ANYTHING,
)
