"""The logins of the stand-in: OAuth 2 with PKCE and a client secret."""

from dataclasses import dataclass

from aiohttp import web

from bridge.upstream.standin_login import KnownApp, LoginServer

CLIENT_SECRET = "standin-client-secret"
APP = KnownApp(
    client_id="roosterbridge",
    client_secret=CLIENT_SECRET,
    redirect_uri="http://127.0.0.1:8080/connect/callback",
    issuer="https://rooster.university.example",
    words={"scope": "timetable_read subscriptions_read messages_read user_read"},
)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who can log in."""

    user: str
    first_name: str


class Logins(LoginServer[Member]):
    """The logins, and the access tokens that have been given out."""

    def user_of(self, request: web.Request) -> str | None:
        """The user whose valid access token a request has; `None` without one."""
        try:
            return self.login_of(request).people[0].user
        except web.HTTPUnauthorized:
            return None
