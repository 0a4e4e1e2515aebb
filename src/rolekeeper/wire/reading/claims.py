"""What a request claims by its head, before it is read: whose it is, and in which form it is written.

Nothing here is verified, and what is wrong with a request is told when it is read.
Source: "Create a signed AWS API request" in the IAM User Guide.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from rolekeeper.errors import AwsError, IncompleteSignature, InvalidRequest
from rolekeeper.wire.any_signature import TOO_OLD
from rolekeeper.wire.canonical import query_parameters
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.model import Service
from rolekeeper.wire.reading.hosts import Host, host_of
from rolekeeper.wire.reading.names import signed_as, with_target

__all__ = ["FORMS", "RPC", "TARGET", "is_form", "is_s3s", "named_in_body", "scope_of", "seems", "usual_scope"]

TARGET: Final = "x-amz-target"
FORMS: Final = frozenset({"query", "ec2"})
"""The protocols whose operations stand in a form."""
RPC: Final = re.compile(r"/service/(?P<prefix>[A-Za-z0-9_.]{1,128})/operation/(?P<name>[A-Za-z0-9_]{1,128})")
"""The paths of RPC."""

_LONGEST: Final = 2048  # characters of a header that are remembered
_FORM_TYPE: Final = "application/x-www-form-urlencoded"
_CREDENTIAL: Final = re.compile(r"Credential=([^,\s]*+)")
_SCOPE: Final = re.compile(
    r"[^/]+/[0-9]{8}/(?:(?P<region>[a-z0-9-]{1,64})/)?(?P<service>[A-Za-z0-9-]{1,64})/aws4_request"
)


def scope_of(request: HttpRequest) -> tuple[str | None, str] | None:
    """The region and the signing name in the credential scope, which nobody has verified; None where the
    request has no signature of any kind. SigV4A's scope has no region."""
    known = request.scope
    if known is None:
        known = request.scope = _claimed(request)
    return known


def _claimed(request: HttpRequest) -> tuple[str | None, str] | None:
    authorization = request.index.get("authorization")
    if authorization is not None and not request.query:
        known = usual_scope(authorization)
        if known is not None:
            return known
    claimed = query_parameters(request.query, ("X-Amz-Credential",)) if request.query else []
    if authorization is None and not claimed:
        return None
    if len(claimed) + (authorization is not None) > 1:
        raise IncompleteSignature("The request has more than one credential")
    if authorization is not None and authorization.lstrip().startswith("AWS "):
        raise InvalidRequest(TOO_OLD)
    found = _CREDENTIAL.findall(authorization) if authorization is not None else [claimed[0][1]]
    scope = _scope(found[0]) if len(found) == 1 else None
    if scope is None:
        raise IncompleteSignature(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term."
        )
    return scope


def usual_scope(authorization: str) -> tuple[str | None, str] | None:
    """The same of a header in its usual form, with nothing behind the signature; None for any other."""
    claims, _, signature = authorization.rpartition("Signature=")
    return _usual(claims) if signature.isalnum() and len(claims) <= _LONGEST else None


@lru_cache(maxsize=1024)
def _usual(claims: str) -> tuple[str | None, str] | None:
    """The same of what stands before the signature in a header; None where it is to be looked at closer."""
    found = _CREDENTIAL.findall(claims)
    return _scope(found[0]) if len(found) == 1 and not claims.lstrip().startswith("AWS ") else None


@lru_cache(maxsize=1024)  # a client has the same credential for a day
def _scope(credential: str) -> tuple[str | None, str] | None:
    found = _SCOPE.fullmatch(credential)
    return None if found is None else (found["region"], found["service"])


def named_in_body(request: HttpRequest) -> bool:
    """Whether the body has to be there for `find`: a form names its operation in it."""
    if request.method != "POST" or TARGET in request.index or request.path.startswith("/service/"):
        return False
    kind = (request.index.get("content-type") or _FORM_TYPE).partition(";")[0].strip().lower()
    if kind != _FORM_TYPE:
        return False
    scope = scope_of(request)
    if scope is None:
        return not is_s3s(request, host_of(request.index.get("host", "")))
    return any(not FORMS.isdisjoint(service.protocols) for service in signed_as(scope[1]))


def seems(request: HttpRequest) -> tuple[Service | None, str]:
    """The service and the protocol that a request seems to be of, by its head, whatever is wrong with it."""
    target = request.index.get(TARGET)
    if target is not None:
        return with_target(target.rpartition(".")[0]), "json"
    if "smithy-protocol" in request.index:
        found = RPC.fullmatch(request.path)
        return with_target(found["prefix"]) if found is not None else None, "smithy-rpc-v2-cbor"
    try:
        scope = scope_of(request)
    except AwsError:
        scope = None
    if scope is None:
        s3s = is_s3s(request, host_of(request.index.get("host", "")))
        return (signed_as("s3")[0], "rest-xml") if s3s else (None, "query")
    services = signed_as(scope[1])
    if not services:
        return None, "query"
    forms = [one for one in services if not FORMS.isdisjoint(one.protocols)]
    if forms and (len(forms) == len(services) or is_form(request)):
        return forms[0], "ec2" if "ec2" in forms[0].protocols else "query"
    return services[0], services[0].protocol


def is_s3s(request: HttpRequest, host: Host) -> bool:
    """Whether a request without a signature is one of S3's, which takes them from anybody."""
    if host.service:
        return host.service == "s3"
    return request.path not in ("", "/") or bool(host.first) or request.method not in ("GET", "POST")


def is_form(request: HttpRequest) -> bool:
    """Whether a request is written as one of the protocols of forms."""
    if request.path not in ("/", ""):
        return False
    kind = (request.index.get("content-type") or "").partition(";")[0].strip().lower()
    return kind == _FORM_TYPE or (not request.body and bool(query_parameters(request.query, ("Action",))))
