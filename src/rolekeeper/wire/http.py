"""An HTTP request and its answer as plain values: all that the protocols know of HTTP.

Nothing here has been decoded: the path and the query string are as they were on the wire, because the
signature is over those bytes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping, Sequence
from typing import Any, Protocol

import msgspec

from rolekeeper.wire.canonical import payload_hash
from rolekeeper.wire.form import Form, parse_form, remember

__all__ = ["Carry", "HttpRequest", "HttpResponse", "Outlet"]

Carry = Callable[[int, int], Awaitable[bool]]
"""Has so many bytes of an answer's body sent from a connected socket, by its descriptor, and says whether it
did; if not, nothing has happened."""


class HttpRequest(msgspec.Struct, kw_only=True, eq=False):
    """One request, whole. Header names are lower-case; a header may stand more than once."""

    method: str
    path: str
    query: str = ""
    headers: Collection[tuple[str, str]] = ()
    body: bytes = b""
    source_ip: str = "127.0.0.1"
    secure: bool = False
    plain: bool = False
    """Each header is known to stand there once, in printable ASCII, with no white space around its value."""
    operation: Any = None
    """What the table of operations has found it to name, once somebody asked."""
    scope: tuple[str | None, str] | None = None
    """The region and the service of its signature, once somebody asked; see `reading.scope_of`."""
    _index: dict[str, str] | None = None
    _form: Form | None = None

    def __repr__(self) -> str:
        # Headers and body may hold secrets (a token, a password), and the path one of a workload.
        return f"HttpRequest({self.method}, {len(self.body)} bytes)"

    @property
    def index(self) -> Mapping[str, str]:
        """The headers by name; the values of several of one name are joined by a comma."""
        index = self._index
        if index is None:
            index = self._index = self._indexed()
        return index

    def header(self, name: str) -> str | None:
        """The value of a header by its lower-case name."""
        index = self._index
        return (self.index if index is None else index).get(name)

    @property
    def form(self) -> Form:
        """The parameters of the query protocol: the body of a POST, the query string of a GET."""
        form = self._form
        if form is None:
            form = self._form = parse_form(self.method, self.query, self.header("content-type"), self.body)
        return form

    @property
    def digest(self) -> str:
        """SHA-256 of the body, in hexadecimal."""
        form = self._form
        return form.digest if form is not None and form.digest is not None else payload_hash(self.body)

    def remember_form(self, members: Mapping[str, Any]) -> None:
        """Read an equal form no more. See `form.remember`."""
        if self.method == "POST" and not self.query:
            remember(self.header("content-type"), self.body, self.form, members)

    def _indexed(self) -> dict[str, str]:
        index = dict(self.headers)
        if len(index) == len(self.headers):
            return index
        index = {}
        for name, value in self.headers:
            index[name] = f"{index[name]},{value}" if name in index else value
        return index


class HttpResponse(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One answer, whole."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Outlet(Protocol):
    """Where the answer to one request goes: whole, or piece by piece."""

    @property
    def carry(self) -> Carry | None:
        """How its body may go there without being seen; None where it cannot."""
        ...

    def give(
        self, status: int, headers: Sequence[tuple[str, str]], body: bytes, *, close: bool = False
    ) -> None:
        """All of it, with its length among the headers; with `close` it is the connection's last. ValueError
        where a header is not on one line."""
        ...

    async def send(self, message: MutableMapping[str, Any], /) -> None:
        """A part of it, as ASGI has them."""
        ...
