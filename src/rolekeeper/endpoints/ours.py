"""Whether a request is for us: its Host names this server, and no page of another origin has sent it.

A page in a browser must not reach a local server, not even through a name that it makes resolve to this
machine.
"""

from __future__ import annotations

import ipaddress
import re

from rolekeeper.config import is_loopback
from rolekeeper.wire.http import HttpRequest

_HOST = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9._-]+))(?::(?P<port>[0-9]{1,5}))?")


def has_our_host(request: HttpRequest, address: str, port: int, host: str) -> bool:
    """Whether the Host is ours, of a request that came in on this address and port; `host` is the setting."""
    parts = _HOST.fullmatch(request.header("host") or "")  # two headers are joined by a comma: no match
    if parts is None:
        return False
    name = parts["v6"] or parts["name"]
    usual = 443 if request.secure else 80
    return int(parts["port"] or usual) == port and _is_our_name(name, address, host)


def origin(request: HttpRequest) -> str:
    """The origin that a browser gives pages of this request's Host."""
    return f"{'https' if request.secure else 'http'}://{request.header('host') or ''}"


def has_our_origin(request: HttpRequest) -> bool:
    """Whether no page has sent it, or one of ours."""
    return request.header("origin") in (None, origin(request))


def _is_our_name(name: str, address: str, host: str) -> bool:
    if is_loopback(name) or name.lower() == host.lower():
        return True
    try:  # an address cannot be made to resolve elsewhere
        return ipaddress.ip_address(name) == ipaddress.ip_address(address)
    except ValueError:
        return False
