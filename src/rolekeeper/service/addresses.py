"""Which addresses are of the internet: not of this machine, its networks or its cloud's metadata.

Of version 6 only what is given out as global unicast counts (2000::/3), and nothing of it that carries an
address of version 4, which could be any. An address with a zone is of a network at hand.
Sources: the IANA IPv4 and IPv6 Special-Purpose Address Registries; RFC 4291, 3056 and 4380.
"""

from __future__ import annotations

import ipaddress

_UNICAST = ipaddress.ip_network("2000::/3")
_RELAYS = ipaddress.ip_network("192.88.99.0/24")  # of 6to4, given up by RFC 7526


def is_public(address: str) -> bool:
    """Whether an address is of the internet."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if not found.is_global or found.is_multicast:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return found not in _RELAYS
    return found.scope_id is None and found in _UNICAST and not (found.sixtofour or found.teredo)


def split_place(place: str) -> tuple[str, int | None]:
    """An address and a port where there is one: `10.0.0.1:8443`, `[fd00::1]:8443`, `fd00::1`."""
    address, _, port = place.rpartition(":")
    if port.isdigit() and (":" not in address or address.endswith("]")):
        return address.strip("[]"), int(port)
    return place.strip("[]"), None
