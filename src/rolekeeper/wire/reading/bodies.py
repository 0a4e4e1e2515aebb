"""Bodies that come packed: CloudWatch's clients compress what is large, and nobody else's.

The rule of this file: what is unpacked is as bounded as what is sent plainly, and goes on plainly.
Source: "requestCompression trait" in the Smithy specification; RFC 1952.
"""

from __future__ import annotations

import zlib
from typing import Final

import msgspec

from rolekeeper.errors import MalformedInput, RequestEntityTooLarge
from rolekeeper.wire.http import HttpRequest

__all__ = ["LARGEST", "unpacked"]

_PLAIN: Final = frozenset({"", "identity", "amz-1.0"})
"""The last is what some clients of AWS's call JSON as it is."""

LARGEST: Final = 16 << 20
"""Bytes of a body when it is unpacked."""


def unpacked(request: HttpRequest) -> HttpRequest:
    """The same request with its body as it is read; itself where that is how it came."""
    packed = request.index.get("content-encoding")
    if packed is None or packed.strip().lower() in _PLAIN:
        return request
    if packed.strip().lower() != "gzip":
        raise MalformedInput("The body of the request is encoded in a way that is not supported")
    unpacker = zlib.decompressobj(wbits=31)
    try:
        body = unpacker.decompress(request.body, LARGEST)
    except zlib.error:
        raise MalformedInput("The body of the request is not in gzip") from None
    if unpacker.unconsumed_tail:
        raise RequestEntityTooLarge(f"The request has a body of more than {LARGEST} bytes")
    if not unpacker.eof or unpacker.unused_data:
        raise MalformedInput("The body of the request is not in gzip")
    headers = [pair for pair in request.headers if pair[0] != "content-encoding"]
    return msgspec.structs.replace(request, headers=headers, body=body, _index=None, _form=None)
