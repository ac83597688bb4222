"""How often one address may come to the door, and which address that is."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from typing import Any

from console.api.rates import Rates

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Limits:
    """Buckets for logging in, by address and for all together, for the API by address, for pages by who opens them.

    A page is built in the server's loop: who opened them without end would stop the console for everybody.
    """

    def __init__(
        self,
        *,
        logins: Rates | None = None,
        all_logins: Rates | None = None,
        api: Rates | None = None,
        pages: Rates | None = None,
        ways: Rates | None = None,
    ) -> None:
        self._logins = logins or Rates(burst=20.0, refill_per_s=1 / 6)
        self._all_logins = all_logins or Rates(burst=60.0, refill_per_s=1.0)
        self._api = api or Rates(burst=500.0, refill_per_s=200.0)
        self._ways = ways or Rates(burst=20.0, refill_per_s=1 / 6)
        self._all_ways = Rates(burst=300.0, refill_per_s=1.0)  # fewer in ten minutes than may be under way at once
        self._pages = pages or Rates(burst=24.0, refill_per_s=1 / 3)  # all screens of one account come back at once

    def login_wait_s(self, address: str, at_s: float) -> int:
        """Take one attempt to log in; returns the whole seconds to wait where there were too many."""
        return self._logins.wait_s(address, at_s) or self._all_logins.wait_s("everybody", at_s)

    def way_wait_s(self, address: str, at_s: float) -> int:
        """Take one way to an identity provider begun; returns the whole seconds to wait where there were too many."""
        return self._ways.wait_s(address, at_s) or self._all_ways.wait_s("everybody", at_s)

    def api_wait_s(self, address: str, at_s: float) -> int:
        """Take one request to the API; returns the whole seconds to wait where there were too many."""
        return self._api.wait_s(address, at_s)

    def page_wait_s(self, name: str, at_s: float) -> int:
        """Take one page built for somebody; returns the whole seconds to wait where there were too many."""
        return self._pages.wait_s(name, at_s)


def trusted_networks(given: Collection[str]) -> tuple[Network, ...]:
    """Return the networks of the proxies to trust; raises ValueError for what is no address."""
    return tuple(ipaddress.ip_network(one, strict=False) for one in given)


def caller_of(scope: Any, headers: dict[str, str], trusted: tuple[Network, ...]) -> str:
    """Return the address a request comes from; of an IPv6 address the /64 that one household has.

    ``X-Forwarded-For`` is believed only from a trusted proxy, and only its last address that is not one.
    """
    client = (scope.get("client") or ("unknown", 0))[0]
    if _is_trusted(client, trusted):
        for one in reversed(headers.get("x-forwarded-for", "").split(",")):
            if not one.strip():
                continue
            client = one.strip()
            if not _is_trusted(client, trusted):
                break
    return _grouped(client)


def _is_trusted(address: str, trusted: tuple[Network, ...]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in trusted if network.version == found.version)


def _grouped(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if found.version == 6 and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
