"""Which addresses may be asked when an upstream names them: in answers, links and redirects."""

import ipaddress
import re
import socket
from collections.abc import Iterable

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bridge.settings.schema import SourceSettings

_UNICAST = ipaddress.IPv6Network("2000::/3")  # the only public addresses there are (RFC 4291, 2.4)
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # of IPv4, by a network without it (RFC 6052, 2.1)
_NUMBERS = re.compile(r"[\d.]+")  # such as 127.1, which some take for 127.0.0.1


class Addresses:
    """The addresses in the settings of a source. An operator wrote them, so that they may be private, or plain http."""

    def __init__(self, written: Iterable[str]) -> None:
        self._origins = {URL(address).origin() for address in written}
        self._secure = {origin.host for origin in self._origins if origin.scheme == "https"}

    @classmethod
    def of(cls, settings: SourceSettings) -> "Addresses":
        """The addresses in these settings."""
        values = (value for _, value in settings)
        return cls(value for value in values if isinstance(value, str) and value.startswith(("http://", "https://")))

    @property
    def hosts(self) -> set[str]:
        """Their hosts."""
        return {origin.host for origin in self._origins if origin.host}

    def written(self, url: URL) -> bool:
        """Whether `url` is at one of these hosts, and by https where the settings say so. It may get credentials."""
        try:
            return url.origin() in self._origins or (url.scheme == "https" and url.host in self._secure)
        except ValueError:
            return False

    def askable(self, url: URL) -> bool:
        """Whether `url` is written, or is public https. `PublicResolver` looks where the name of a host leads."""
        return self.written(url) or (url.scheme == "https" and bool(url.host) and _is_public(url.host or "", name=True))


class PublicResolver(AbstractResolver):
    """Resolves names that the operator did not write to public addresses only."""

    def __init__(self, written: Iterable[str]) -> None:
        """Create it with the hosts that the operator wrote. Needs a running event loop."""
        self._written = frozenset(written)
        self._inner = aiohttp.DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """See `AbstractResolver.resolve`."""
        found = await self._inner.resolve(host, port, family)
        if host not in self._written:
            found = [one for one in found if _is_public(one["host"], name=False)]
        if not found:
            raise OSError(None, "no public address")
        return found

    async def close(self) -> None:
        """See `AbstractResolver.close`."""
        await self._inner.close()


def same_origin(url: URL, link: str) -> URL | None:
    """The target of a link or redirect at `url`; `None` if it is invalid or at another origin."""
    try:
        target = url.join(URL(link))
        return target if target.origin() == url.origin() else None
    except ValueError:
        return None


def _is_public(host: str, *, name: bool) -> bool:
    """Whether an IP address is public; `name` is the answer for what is none."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return name and not _NUMBERS.fullmatch(host)
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or (_last_four_bytes(address) if address in _TRANSLATED else None)
        if inside is None:
            return address.is_global and address in _UNICAST and address.sixtofour is None
        address = inside
    return address.is_global and not address.is_multicast


def _last_four_bytes(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address(address.packed[-4:])
