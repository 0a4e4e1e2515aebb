"""One request to the sign-in, with what every page of it needs to know."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import quote

import msgspec

from rolekeeper.endpoints import ours
from rolekeeper.endpoints import signin_cookies as cookies
from rolekeeper.endpoints.signin_pages import page, redirect, words
from rolekeeper.service.console_sessions import ConsoleSession
from rolekeeper.service.signin import SignIn
from rolekeeper.wire.http import HttpRequest, HttpResponse


class Visit(msgspec.Struct, kw_only=True, eq=False):
    """A request, what its form says, and who is signed in."""

    request: HttpRequest
    signin: SignIn
    partition: str
    form: Mapping[str, str]
    id: str | None = None
    session: ConsoleSession | None = None

    def __repr__(self) -> str:
        # A form has passwords in it, and a session's ID is as good as one.
        return f"Visit({self.request.method} {self.request.path})"

    @property
    def is_post(self) -> bool:
        """Whether something is to be done, and not only shown."""
        return self.request.method == "POST"

    def address(self) -> str:
        """This very page, on this server."""
        query = f"?{self.request.query}" if self.request.query else ""
        return ours.origin(self.request) + self.request.path + query

    def session_cookie(self, id: str) -> str:
        """The Set-Cookie header of a session that has just got this ID."""
        session = self.signin.sessions.find(id, self.signin.now)
        left = session.expires - self.signin.now if session is not None else 0
        return cookies.put(self.request, cookies.SESSION, id, left)

    def has_token(self) -> bool:
        """Whether a form was shown to this session; before anybody has signed in, to this browser."""
        given = self.form.get("csrf", "").encode()
        if self.session is not None:
            return hmac.compare_digest(given, self.session.csrf.encode())
        own = cookies.read(self.request, cookies.FORM)
        return own is not None and hmac.compare_digest(given, _derived(own).encode())

    def form_secret(self) -> tuple[str, str]:
        """For a form of a browser in which nobody has signed in: its token, and the cookie that fits."""
        own = cookies.read(self.request, cookies.FORM) or secrets.token_urlsafe(24)
        return _derived(own), cookies.put(self.request, cookies.FORM, own, strict=True)


def _derived(secret: str) -> str:
    return hashlib.sha256(b"form of the sign-in: " + secret.encode()).hexdigest()


def to_login(visit: Visit) -> HttpResponse:
    """Nobody is signed in: sign in first, and come back."""
    back = visit.address() if not visit.is_post else ""
    return redirect(f"/login?next={quote(back, safe='')}")


def refused(text: str, status: int = 400, title: str = "That did not work") -> HttpResponse:
    """A page that says why not."""
    return page(title, words(text), status=status)
