"""The cookies of the sign-in: a session's ID, a form's own secret, and the roles that were switched to last.

None of them is for scripts, none goes along with another site's requests but a link to here; where there is
TLS they go over nothing else, and their names hold browsers to it.
Source: "Cookies: HTTP State Management Mechanism" (RFC 6265bis), sections 4.1.2 and 4.1.3.
"""

from __future__ import annotations

import base64
import re

import msgspec

from rolekeeper.wire.http import HttpRequest

SESSION, FORM, ROLES = "rolekeeper-session", "rolekeeper-form", "rolekeeper-roles"
MOST_ROLES = 5
"""Roles in the history."""

_VALUE = re.compile(r"[A-Za-z0-9_-]{1,3072}")
_YEAR = 365 * 86_400

ACCOUNT = re.compile(r"[0-9]{12}|[a-z0-9](?:[a-z0-9]|-(?!-)){1,61}[a-z0-9]")
"""A number of an account, or an alias."""
ROLE = re.compile(r"/?(?:[\w+=,.@-]+/){0,8}[\w+=,.@-]{1,64}", re.ASCII)
"""A role's name, perhaps with its path."""
COLOUR = re.compile(r"[0-9A-Fa-f]{6}|")


class Visited(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A role that was switched to, as a link names it."""

    account: str
    role: str
    name: str = ""
    colour: str = ""

    @property
    def is_sound(self) -> bool:
        """Whether it has the form of one: the browser could have sent anything."""
        return (
            ACCOUNT.fullmatch(self.account) is not None
            and len(self.role) <= 64
            and ROLE.fullmatch(self.role) is not None
            and len(self.name) <= 64
            and self.name.isprintable()
            and COLOUR.fullmatch(self.colour) is not None
        )


def read(request: HttpRequest, name: str) -> str | None:
    """The value of a cookie; None where there is none, or two, of which one would be somebody else's."""
    own = _name(name, secure=request.secure)
    found = [
        value
        for header in (request.header("cookie") or "")[:16_384].split(",")
        for key, _, value in (pair.strip().partition("=") for pair in header.split(";"))
        if key == own
    ]
    return found[0] if len(found) == 1 and _VALUE.fullmatch(found[0]) else None


def put(request: HttpRequest, name: str, value: str, seconds: int = 0, *, strict: bool = False) -> str:
    """A Set-Cookie header; one without `seconds` is forgotten with the browser."""
    secure = "; Secure" if request.secure else ""
    age = f"; Max-Age={seconds}" if seconds else ""
    same = "Strict" if strict else "Lax"
    return f"{_name(name, secure=request.secure)}={value}; Path=/; HttpOnly; SameSite={same}{age}{secure}"


def drop(request: HttpRequest, name: str) -> str:
    """A Set-Cookie header that takes a cookie away."""
    return put(request, name, "") + "; Max-Age=0"


def visited(request: HttpRequest) -> list[Visited]:
    """The roles that were switched to last, the latest first."""
    text = read(request, ROLES)
    if text is None:
        return []
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        found = msgspec.json.decode(raw, type=list[Visited])
    except (ValueError, msgspec.MsgspecError, RecursionError):
        return []
    return [one for one in found[:MOST_ROLES] if one.is_sound]


def remember(request: HttpRequest, role: Visited) -> str:
    """The Set-Cookie header of the history with a role in front."""
    others = [one for one in visited(request) if (one.account, one.role) != (role.account, role.role)]
    raw = msgspec.json.encode([role, *others][:MOST_ROLES])
    return put(request, ROLES, base64.urlsafe_b64encode(raw).decode().rstrip("="), _YEAR)


def _name(name: str, *, secure: bool) -> str:
    return f"__Host-{name}" if secure else name
