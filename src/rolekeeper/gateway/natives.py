"""Which requests are answered here, and which by what stands behind: by the head alone.

The service in the credential scope says it. Of EKS some operations are ours. A request without a signature is
ours as well, unless it is one that S3 takes from anybody: of a bucket or an object, by its path or its host.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, Final

from rolekeeper.errors import AwsError
from rolekeeper.service.registry import OperationTable
from rolekeeper.wire import reading
from rolekeeper.wire.http import HttpRequest

NATIVE: Final = frozenset(
    {"iam", "sts", "organizations", "rolekeeper", "rolesanywhere", "eks-auth", "signin"}
)
"""The names of our own services in a credential scope."""
_SHARED: Final = frozenset({"eks"})
_TELLING: Final = frozenset(
    {b"authorization", b"content-type", b"host", b"smithy-protocol", b"x-amz-target", b"content-length"}
)
"""The headers by which it is told."""


def is_native(operations: OperationTable, scope: MutableMapping[str, Any]) -> bool:
    """Whether a request is answered here. What cannot be told is: it is refused here as it always was."""
    plain = _plainly(scope)
    if plain is not None and plain not in _SHARED:
        return plain in NATIVE
    headers = [pair for pair in scope["headers"] if pair[0] in _TELLING]
    request = HttpRequest(
        method=scope["method"],
        path=scope["raw_path"].decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers],
    )
    try:
        signed = reading.scope_of(request)
    except AwsError:
        signed = None
    if signed is None:
        service, _ = reading.seems(request)
        return service is None or service.name in NATIVE
    if signed[1] in _SHARED:
        try:
            operations.find(request)
        except AwsError:
            return False
        return True
    return signed[1] in NATIVE


def is_foreign(request: HttpRequest) -> bool:
    """Whether a plain request is for what stands behind beyond doubt: by a signature in its usual form."""
    authorization = request.index.get("authorization")
    signed = reading.usual_scope(authorization) if authorization is not None else None
    if signed is None or signed[1] in NATIVE or signed[1] in _SHARED:
        return False
    if not request.query:  # there may be another credential in it
        request.scope = signed
    return True


def _plainly(scope: MutableMapping[str, Any]) -> str | None:
    """The service of a signature in its usual form, as nearly all requests have it."""
    if scope["query_string"]:
        return None
    found = [value for name, value in scope["headers"] if name == b"authorization"]
    signed = reading.usual_scope(found[0].decode("latin-1")) if len(found) == 1 else None
    return signed[1] if signed is not None else None
