"""An HTTP request and its answer as plain values: all that the protocols know of HTTP.

Nothing here has been decoded: the path and the query string are as they were on the wire, because the
signature is over those bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rolekeeper.wire.form import Form, parse_form

__all__ = ["HttpRequest", "HttpResponse"]


@dataclass(slots=True, kw_only=True)
class HttpRequest:
    """One request, whole. Header names are lower-case; a header may stand more than once."""

    method: str
    path: str
    query: str = ""
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    source_ip: str = "127.0.0.1"
    secure: bool = False
    _index: dict[str, str] | None = field(default=None, repr=False)
    _form: Form | None = field(default=None, repr=False)

    def header(self, name: str) -> str | None:
        """The value of a header by its lower-case name; several of one name are joined by a comma."""
        if self._index is None:
            index: dict[str, str] = {}
            for key, value in self.headers:
                index[key] = f"{index[key]},{value}" if key in index else value
            self._index = index
        return self._index.get(name)

    @property
    def form(self) -> Form:
        """The parameters of the query protocol: the body of a POST, the query string of a GET."""
        if self._form is None:
            self._form = parse_form(self.method, self.query, self.header("content-type"), self.body)
        return self._form


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """One answer, whole."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
