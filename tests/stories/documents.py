"""The documents that a story cannot have in itself, because they hold keys and end: made on the spot."""

from __future__ import annotations

from functools import cache

from tests import saml
from tests.certificates import Pair, openssh


@cache
def documents() -> dict[str, str]:
    """A text for each name that a story may use after an `@`."""
    authority = Pair("authority.example.com")
    site = Pair("site.example.com", authority)
    return {
        "authority": authority.pem,
        "certificate": site.pem,
        "certificate-key": site.private(),
        "other-key": authority.private(),
        "metadata": saml.metadata(),
        "ssh-key": openssh(),
    }
