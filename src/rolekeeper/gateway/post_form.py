"""An upload by a browser's form, read as the PutObject that it is written in another way.

The rule of this file: a form is worth what its policy allows, and is decided as the PUT request that stands
for it; what stands behind sees that request only. The fields are read before anybody is asked, because they
say who signed them; the file is read after.
Source: "POST Object" in the Amazon S3 API Reference.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import msgspec
from lxml import etree

from rolekeeper.errors import (
    EntityTooLarge,
    EntityTooSmall,
    InvalidArgument,
    MalformedXml,
)
from rolekeeper.gateway.checksums import Checksums
from rolekeeper.gateway.head import Head
from rolekeeper.gateway.inflow import Receive, arrivals
from rolekeeper.wire import post_policy
from rolekeeper.wire.http import HttpRequest, HttpResponse
from rolekeeper.wire.multipart import Form, boundary_of
from rolekeeper.wire.reading import xml

__all__ = ["PostForm"]

PIECE = 1 << 20
"""Bytes up to which a file is read whole before it is given on: nobody says how long it is."""

_LONGEST_KEY = 1024
_HEADERS = frozenset(
    {"cache-control", "content-type", "content-disposition", "content-encoding", "content-md5", "expires"}
)
_NOT_HEADERS = frozenset(
    {"x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature", "x-amz-security-token"}
)
_BEGINNINGS = (
    "x-amz-checksum-",
    "x-amz-grant-",
    "x-amz-meta-",
    "x-amz-object-lock-",
    "x-amz-server-side-encryption",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
)
"""Of the fields that are headers. Others of AWS's would make another request of it: `x-amz-copy-source`."""
_STATUSES = {"200": 200, "201": 201, "204": 204}


class PostForm:
    """One form whose fields have been read. Its file can be read once."""

    def __init__(self, head: Head, form: Form, first: list[bytes], rest: AsyncIterator[bytes]) -> None:
        self.fields: Mapping[str, str] = _expanded(form)
        """By lower-case name, with the name of the file put in."""
        self._form, self._first, self._rest = form, first, rest
        key = self.fields.get("key")
        if not key:
            raise InvalidArgument(
                "Bucket POST must contain a field named 'key'.  If it is specified, please check the order "
                "of the fields."
            )
        if len(key.encode()) > _LONGEST_KEY:
            raise InvalidArgument("Your key is too long")
        self.key = key
        self.request = _put(head.request, key, self.fields)
        """The PutObject that the form asks for, without a signature and without a body."""
        policy = self.fields.get("policy")
        self._policy = post_policy.read_policy(policy) if policy else None
        self._checksums = Checksums(self.request.index, announced=())

    @classmethod
    async def read(cls, head: Head, receive: Receive) -> PostForm | None:
        """The form in a request to a bucket, up to its file; None where it is another request.

        MalformedPOSTRequest, MaxPostPreDataLengthExceeded, InvalidArgument, InvalidPolicyDocument;
        Disconnected.
        """
        boundary = boundary_of(head.index.get("content-type", "")) if head.request.method == "POST" else None
        if boundary is None or head.request.query:
            return None
        if "authorization" in head.index:
            raise InvalidArgument("Only one auth mechanism allowed")
        form, first, rest = Form(boundary), list[bytes](), arrivals(receive)
        async for data in rest:
            first += form.feed(data)
            if form.at_file:
                return cls(head, form, first, rest)
        form.close()
        raise InvalidArgument("POST requires exactly one file upload per request.")

    async def ready(self) -> bytes | AsyncIterator[bytes]:
        """The file, whole where it is short; else what gives it piece by piece. See `stream`."""
        parts: list[bytes] = []
        pieces = self.stream()
        length = 0
        async for piece in pieces:
            parts.append(piece)
            length += len(piece)
            if length > PIECE:
                return _joined(parts, pieces)
        return b"".join(parts)

    async def stream(self) -> AsyncIterator[bytes]:
        """The pieces, none of them empty. Before the last one comes, the form was found to be whole, and its
        file to be as long as its policy has it: MalformedPOSTRequest, EntityTooLarge, EntityTooSmall,
        BadDigest, RequestTimeout; Disconnected where the client has gone."""
        most = self._policy.most if self._policy is not None else None
        kept, length = b"", 0
        async for piece in self._pieces():
            length += len(piece)
            if most is not None and length > most:
                raise EntityTooLarge
            self._checksums.update(piece)
            if kept:
                yield kept
            kept = piece
        self._form.close()
        if self._policy is not None and length < self._policy.least:
            raise EntityTooSmall
        self._checksums.check({})
        if kept:
            yield kept

    async def _pieces(self) -> AsyncIterator[bytes]:
        for piece in self._first:
            yield piece
        async for data in self._rest:
            for piece in self._form.feed(data):
                yield piece

    def answer(self, bucket: str, etag: str, version: str | None = None) -> HttpResponse:
        """What a browser is told of an upload that was done: where the form says, or in the form it says."""
        path = quote(self.request.path, safe="/%-._~")
        location = f"{'https' if self.request.secure else 'http'}://{self.request.header('host')}{path}"
        headers = [("etag", etag), ("location", location)]
        if version is not None:
            headers.append(("x-amz-version-id", version))
        redirect = self.fields.get("success_action_redirect") or self.fields.get("redirect")
        target = _redirection(redirect, bucket, self.key, etag) if redirect else None
        if target is not None:
            return HttpResponse(status=303, headers=(headers[0], ("location", target), *headers[2:]))
        status = _STATUSES.get(self.fields.get("success_action_status", ""), 204)
        if status != 201:
            return HttpResponse(status=status, headers=tuple(headers))
        root = etree.Element("PostResponse")
        for name, text in (("Location", location), ("Bucket", bucket), ("Key", self.key), ("ETag", etag)):
            etree.SubElement(root, name).text = text
        body = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
        return HttpResponse(status=201, headers=(*headers, ("content-type", "application/xml")), body=body)


async def _joined(parts: list[bytes], rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
    async for part in rest:
        yield part


def _expanded(form: Form) -> dict[str, str]:
    """The fields with the file's name for `${filename}`; of a path that a browser sends, the last part."""
    name = form.filename.replace("\\", "/").rpartition("/")[2]
    kept = ("policy", "x-amz-signature")
    return {
        key: value if key in kept else value.replace("${filename}", name)
        for key, value in form.fields.items()
    }


def _put(request: HttpRequest, key: str, fields: Mapping[str, str]) -> HttpRequest:
    """The head of the PutObject: of the request's own headers there is only the host."""
    headers = [("host", request.index["host"])]
    for name, value in fields.items():
        if name in _HEADERS or name.startswith(_BEGINNINGS):
            headers.append((name, _header(value)))
        elif name == "acl":
            headers.append(("x-amz-acl", _header(value)))
        elif name == "tagging":
            headers.append(("x-amz-tagging", _tagging(value)))
        elif name.startswith("x-amz-") and name not in _NOT_HEADERS:
            raise InvalidArgument(f"The field {name[:64]} is not implemented.")
    path = f"{request.path.removesuffix('/')}/{quote(key, safe='/-._~')}"
    return msgspec.structs.replace(request, method="PUT", path=path, headers=headers, _index=None, _form=None)


def _header(value: str) -> str:
    """A field's value as a header has it: bytes of UTF-8, read as Latin-1."""
    if any((character < " " and character != "\t") or character == "\x7f" for character in value):
        raise InvalidArgument("A field of the form has a character that no header can have.")
    return value.encode().decode("latin-1").strip()


def _tagging(document: str) -> str:
    """The tags of a form, which has them in XML, as the header has them."""
    root = xml.decode(document.encode(), "Tagging")
    pairs: list[tuple[str, str]] = []
    for tag in root.iter("{*}Tag"):
        found = {etree.QName(child).localname: child.text or "" for child in tag}
        if found.keys() != {"Key", "Value"} or len(tag) != 2:
            raise MalformedXml
        pairs.append((found["Key"], found["Value"]))
    return urlencode(pairs, quote_via=quote)


def _redirection(url: str, bucket: str, key: str, etag: str) -> str | None:
    """Where a browser is sent, None where that is no URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not url.isascii() or not url.isprintable() or " " in url:
        return None
    query = [
        *parse_qsl(parts.query, keep_blank_values=True),
        ("bucket", bucket),
        ("key", key),
        ("etag", etag),
    ]
    return urlunsplit(parts._replace(query=urlencode(query)))
