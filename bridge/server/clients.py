"""The addresses of clients, also behind trusted proxies."""

import ipaddress
from collections.abc import Sequence

from aiohttp import web

from bridge.errors import ConfigError


class Clients:
    """Finds the addresses of clients. X-Forwarded-For is used from trusted proxies."""

    def __init__(self, trusted: Sequence[str]) -> None:
        """Create it with the addresses and networks of trusted proxies.

        Raises:
            ConfigError: one of them is not an address or a network.
        """
        try:
            self._trusted = [ipaddress.ip_network(address, strict=False) for address in trusted]
        except ValueError:
            raise ConfigError("The setting server.trusted_proxies takes IP addresses and networks.") from None

    def address_of(self, request: web.BaseRequest) -> str:
        """The nearest address that is not a trusted proxy; "-" if it is not an address."""
        address = request.remote or ""
        # some proxies add a line of their own below that of the client; what is no request has an ordinary dictionary
        lines = ",".join(value for name, value in request.headers.items() if name.lower() == "x-forwarded-for")
        hops = [hop.strip() for hop in lines.split(",") if hop.strip()]
        while hops and self.is_proxy(address):
            address = hops.pop()
        return address if _is_address(address) else "-"

    def is_proxy(self, address: str) -> bool:
        """Whether an address is a trusted proxy."""
        return _is_address(address) and any(ipaddress.ip_address(address) in network for network in self._trusted)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
