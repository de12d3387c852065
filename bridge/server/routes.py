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
CHILDREN = "/m/{token}/connect/{source}/people"
DISCONNECT = "/m/{token}/connect/{source}/remove"
ILL = "/m/{token}/ill/{source}"
GROUPS = "/m/{token}/groups/{source}"
CHECK_IN = "/m/{token}/checkin/{source}"
COME_BACK = "/connect/callback"
EVERYTHING = "/m/{token}/data"
END_ACCESS = "/m/{token}/end"
REMOVE_ME = "/m/{token}/remove"
ADMIN = "/admin"
SETUP = "/setup/{token}"
ADMIN_SIGN_IN = "/admin/sign-in"
ADMIN_SIGN_OUT = "/admin/sign-out"
NEW_SOURCE = "/admin/new-source"
NEW_SOURCE_OF = "/admin/new-source/{type}"
SOURCE = "/admin/sources/{source}"
EDIT_SOURCE = "/admin/sources/{source}/edit"
REMOVE_SOURCE = "/admin/sources/{source}/remove"
CHECK_SOURCE = "/admin/sources/{source}/check"
REFRESH_SOURCE = "/admin/sources/{source}/refresh"
SYNC_SOURCE = "/admin/sources/{source}/sync"
INVITATIONS = "/admin/sources/{source}/invitations"
PEOPLE = "/admin/people"
INVITE = "/admin/invite"
USER = "/admin/people/{user}"
INVITATION = "/admin/people/{user}/invitation"
REFRESH_USER = "/admin/people/{user}/refresh"
REMOVE_USER = "/admin/people/{user}/remove"
HELD = "/admin/held"
HELD_OF = "/admin/held/{account}"
FEEDS = "/admin/feeds"
AUDIT = "/admin/audit"
API_PAGE = "/admin/api"
WORK = "/admin/work/{work}"
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
    CHILDREN,
    DISCONNECT,
    ILL,
    GROUPS,
    CHECK_IN,
    COME_BACK,
    EVERYTHING,
    END_ACCESS,
    REMOVE_ME,
    ADMIN,
    SETUP,
    ADMIN_SIGN_IN,
    ADMIN_SIGN_OUT,
    NEW_SOURCE,
    NEW_SOURCE_OF,
    SOURCE,
    EDIT_SOURCE,
    REMOVE_SOURCE,
    CHECK_SOURCE,
    REFRESH_SOURCE,
    SYNC_SOURCE,
    INVITATIONS,
    PEOPLE,
    INVITE,
    USER,
    INVITATION,
    REFRESH_USER,
    REMOVE_USER,
    HELD,
    HELD_OF,
    FEEDS,
    AUDIT,
    API_PAGE,
    WORK,
    STATIC,
    ANYTHING,
)
