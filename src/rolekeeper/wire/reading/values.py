"""What is read of a request, and what is written of it, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from rolekeeper.wire.model import OperationModel, Service

__all__ = ["Reading", "Route", "Written"]


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """Which operation a request names."""

    service: Service
    operation: OperationModel
    protocol: str
    """The one in which it asks: query, ec2, json, rest-json, rest-xml or smithy-rpc-v2-cbor."""
    labels: Mapping[str, str] = {}
    """What the path and the host say of members, by the names in the operation's template; decoded."""
    region: str | None = None
    """That of the credential scope, or of the host; None where neither names just one."""
    form: bool = False
    """True for a browser's upload to S3, whose members are in the parts of a multipart form."""

    def __repr__(self) -> str:
        return f"Route({self.service.name}, {self.operation.name}, {self.protocol})"


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it goes on: written anew from what was read, without signature, host and framing."""

    method: str
    path: str
    """Percent-encoded, in one way only."""
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    """Lower-case names, each once; values as they are on the wire, in Latin-1."""
    body: bytes | None = b""
    """None where the body is passed on as it comes."""

    def __repr__(self) -> str:
        # Any part of it may hold a secret: a password, a customer's own key.
        return f"Written({self.method}, {'streamed' if self.body is None else f'{len(self.body)} bytes'})"


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One request, read."""

    members: Mapping[str, Any]
    """What the input has, by the model's names; not the body of an operation that streams it."""
    written: Written

    def __repr__(self) -> str:
        return f"Reading({', '.join(self.members)})"
