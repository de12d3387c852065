"""Sign-in with the school's own accounts, by OpenID Connect: who somebody is, and which user that makes them."""

from __future__ import annotations
