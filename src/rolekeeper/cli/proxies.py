"""Where a request comes from, if it came through a proxy of the operator's.

The rule of this file: it comes from who made the connection. Only what a proxy that the settings name says
of whom it has spoken with is believed, and no word of what that one may have said itself: of the addresses
in `X-Forwarded-For` it is the last one that is no such proxy. What a proxy of ours has written and nobody
can read is refused.
Source: RFC 7239, 5.2 and 8.1, on the meaning that the older headers share.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache

__all__ = ["Proxies"]

FOR, PROTO = b"x-forwarded-for", b"x-forwarded-proto"


class Proxies:
    """The networks in which the operator's proxies are."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks = [ipaddress.ip_network(each) for each in networks]
        self._known = lru_cache(maxsize=1024)(self._has)

    def trusts(self, peer: str) -> bool:
        """Whether a connection from there is a proxy's."""
        return bool(self._networks) and self._known(_plain(peer))

    def source(self, peer: str, headers: Iterable[tuple[bytes, bytes]]) -> str:
        """The address that a proxy at `peer` has spoken with. ValueError where it says none that is one."""
        found = peer
        for text in reversed(_values(headers, FOR)):
            found = _plain(text)
            if not self._known(found):
                break
        return found

    def secure(self, headers: Iterable[tuple[bytes, bytes]], own: bool) -> bool:
        """Whether it came by TLS as far as the proxies say, or where they say nothing, to us."""
        told = _values(headers, PROTO)
        return all(each.lower() == "https" for each in told) if told else own

    def _has(self, address: str) -> bool:
        found = ipaddress.ip_address(address)
        return any(found in network for network in self._networks)


def _values(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> list[str]:
    """The values of a list, in order, of all its headers."""
    lines = [value.decode("latin-1") for each, value in headers if each == name]
    return [value.strip() for value in ",".join(lines).split(",")] if lines else []


def _plain(text: str) -> str:
    """An address alone: version 4 also where it comes in version 6's clothes. ValueError."""
    found = ipaddress.ip_address(text)
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)
