"""Which operation of which service a request names, and only one.

The order is that of what a request can say: the name in its credential scope narrows the services; then a
target header, the path of RPC, the parameter `Action`, or method and path name the operation. The rule of
this file: what would name a second thing (a target and an action, an action in two places, a header that
overrides the method, a target of another service than the credential's) is refused, and so is what names
none.
Sources: the pages of the protocols in the Smithy specification; "Create a signed AWS API request" in the IAM
User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote_to_bytes

import msgspec

from rolekeeper.errors import (
    AwsError,
    InvalidAction,
    InvalidUri,
    MalformedInput,
    MissingAction,
    NotImplementedByServer,
    SignatureDoesNotMatch,
)
from rolekeeper.wire.canonical import query_parameters
from rolekeeper.wire.excerpt import excerpt
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.model import OperationModel, Service
from rolekeeper.wire.reading import s3
from rolekeeper.wire.reading.bodies import unpacked
from rolekeeper.wire.reading.claims import FORMS, RPC, TARGET, is_form, is_s3s, scope_of
from rolekeeper.wire.reading.hosts import Host, host_of
from rolekeeper.wire.reading.names import signed_as, with_target, with_version
from rolekeeper.wire.reading.values import Route
from rolekeeper.wire.rest_routes import lead

__all__ = ["find"]

OVERRIDES: Final = frozenset({"x-http-method-override", "x-http-method", "x-method-override"})
"""Headers by which some servers take a request for one of another method; AWS's do not."""

_JSON: Final = frozenset({"json", "smithy-rpc-v2-cbor"})
_REST: Final = frozenset({"rest-json", "rest-xml"})
_PATH: Final = re.compile(r"/(?:[!-$&-~]|%[0-9A-Fa-f]{2})*")


def find(request: HttpRequest) -> Route:
    """The operation that a request names; an AwsError where it names none, or more than one.

    For the protocols of forms the body must be there (`named_in_body`), for others only the head.
    """
    if not OVERRIDES.isdisjoint(request.index):
        header = min(OVERRIDES & request.index.keys())
        raise MalformedInput(f"The header '{header}' is not supported")
    scope = scope_of(request)
    host = host_of(request.index.get("host", ""))
    if scope is None:
        return _unsigned(request, host)
    region, name = scope
    services = signed_as(name)
    if not services:
        raise SignatureDoesNotMatch(f"Credential should be scoped to a valid service, not '{excerpt(name)}'.")
    if host.service and len(services) > 1:
        services = tuple(
            sorted(services, key=lambda one: one.endpoint_prefix.partition(".")[0] != host.service)
        )
    return _route(request, services, host, region or host.region)


def _unsigned(request: HttpRequest, host: Host) -> Route:
    """Anybody may ask S3; of other services, a target or an action says which is meant."""
    target = request.index.get(TARGET)
    if target is not None:
        service = with_target(target.rpartition(".")[0])
        if service is None:
            raise _unknown_target()
        return _route(request, (service,), host, host.region)
    if is_s3s(request, host):
        return _route(request, signed_as("s3"), host, host.region)
    form = request.form
    services = with_version(form.get("Version", "")) or signed_as(host.service)
    if "Action" not in form or not services:
        raise MissingAction("The request names no operation, or none of a service that is known")
    return _route(request, services, host, host.region)


def _route(request: HttpRequest, services: Sequence[Service], host: Host, region: str | None) -> Route:
    if services[0].signing_name == "s3" and TARGET not in request.index:
        return _s3_route(request, services, host, region)
    targets = [value for name, value in request.headers if name == TARGET]
    if len(targets) > 1:
        raise MalformedInput("The request has more than one target")
    if targets:
        return _by_target(request, services, targets[0], region)
    if "smithy-protocol" in request.index or request.path.startswith("/service/"):
        found = _by_rpc(request, services, region)
        if found is not None:
            return found
    forms = [service for service in services if not FORMS.isdisjoint(service.protocols)]
    if forms and (len(forms) == len(services) or is_form(request)):
        return _by_action(request, forms, region)
    return _by_path(request, services, region)


# -- S3 -------------------------------------------------------------------------------------------


def _s3_route(request: HttpRequest, services: Sequence[Service], host: Host, region: str | None) -> Route:
    if _is_control(request, host):
        return _by_path(request, [one for one in services if one.name == "s3control"], region)
    if host.service not in ("", "s3"):
        raise InvalidUri("Access points and S3's other hosts of their own are not supported.")
    labels = s3.labels_of(request.path, host.bucket or _local_bucket(host))
    service = services[0] if services[0].name == "s3" else next(one for one in services if one.name == "s3")
    operation, form = s3.operation_of(service, request, labels)
    return Route(
        service=service, operation=operation, protocol="rest-xml", labels=labels, region=region, form=form
    )


def _is_control(request: HttpRequest, host: Host) -> bool:
    """Whether a request is to S3's control service, whose hosts begin with the account."""
    if host.service == "s3-control":
        return True
    account = request.index.get("x-amz-account-id", "")
    return not host.bucket and host.first in ("", account) and request.path.startswith(s3.CONTROL_PATH)


def _local_bucket(host: Host) -> str:
    """`photos` of `photos.localhost`, but not of `s3.localhost` or `s3.eu-west-1.localhost`."""
    return "" if host.first == "s3" or host.service == "s3" else host.first


# -- the others -----------------------------------------------------------------------------------


def _by_target(request: HttpRequest, services: Sequence[Service], target: str, region: str | None) -> Route:
    prefix, _, name = target.rpartition(".")
    known = [one for one in services if one.target_prefix == prefix and not _JSON.isdisjoint(one.protocols)]
    service = next((one for one in known if name in one.operations), None)
    if service is None:
        raise _unknown_target()
    operation = service.operations[name]
    if request.method != "POST":
        raise InvalidAction(f"The operation {name} is called by POST")
    if request.path not in ("/", "") and service.name != "sqs":
        raise InvalidAction("The path of the request must be '/'")
    if query_parameters(request.query, ("Action",)) or "smithy-protocol" in request.index:
        raise MalformedInput("The request names two operations")
    if "cbor" in request.index.get("content-type", ""):
        raise NotImplementedByServer(
            "The protocol of JSON in CBOR is not supported; clients have a setting without it (CBOR_DISABLE)"
        )
    return Route(
        service=service, operation=operation, protocol="json", region=region, labels=_queue(request, service)
    )


def _by_rpc(request: HttpRequest, services: Sequence[Service], region: str | None) -> Route | None:
    found = RPC.fullmatch(request.path)
    spoken = request.index.get("smithy-protocol")
    if spoken is None and not any("smithy-rpc-v2-cbor" in one.protocols for one in services):
        return None
    if found is None or spoken != "rpc-v2-cbor":
        raise InvalidAction("The request is not one of the protocol rpc-v2-cbor")
    service = next((one for one in services if one.target_prefix == found["prefix"]), None)
    operation = None if service is None else service.operations.get(found["name"])
    if service is None or operation is None or "smithy-rpc-v2-cbor" not in service.protocols:
        raise InvalidAction("The service has no operation of that name")
    if request.method != "POST":
        raise InvalidAction(f"The operation {operation.name} is called by POST")
    return Route(service=service, operation=operation, protocol="smithy-rpc-v2-cbor", region=region)


def _by_action(request: HttpRequest, services: Sequence[Service], region: str | None) -> Route:
    if request.method not in ("GET", "POST"):
        raise InvalidAction("The operation is called by GET or POST")
    form = unpacked(request).form
    name, version = form.get("Action"), form.get("Version")
    if name is None:
        raise MissingAction("Missing Action")
    if request.path not in ("/", "") and services[0].name != "sqs":
        raise InvalidAction("The path of the request must be '/'")
    for service in sorted(services, key=lambda one: one.name != services[0].name):
        operation = service.operations.get(name)
        if operation is not None and version in (None, service.api_version):
            protocol = "ec2" if "ec2" in service.protocols else "query"
            labels = _queue(request, service)
            return Route(
                service=service, operation=operation, protocol=protocol, region=region, labels=labels
            )
    raise InvalidAction(
        f"Could not find operation {excerpt(name)}" + (f" for version {excerpt(version)}" if version else "")
    )


def _by_path(request: HttpRequest, services: Sequence[Service], region: str | None) -> Route:
    if not _PATH.fullmatch(request.path):
        raise InvalidUri()
    for service in services:
        if service.protocol in _REST:
            found = lead(service, request)
            if found.operation is not None:
                _check_path(service, request, found.operation)
                return Route(
                    service=service,
                    operation=found.operation,
                    protocol=service.protocol,
                    labels=found.labels,
                    region=region,
                )
    raise InvalidAction("The service has no operation of that method and path")


def _check_path(service: Service, request: HttpRequest, operation: OperationModel) -> None:
    """Refuse a path that is another operation's to who decodes a slash before he looks at it."""
    if "%" not in request.path:
        return
    try:
        decoded = unquote_to_bytes(request.path).decode()
    except UnicodeError:
        raise InvalidUri() from None
    if "\0" in decoded:
        raise InvalidUri()
    if "%2f" in request.path.lower():
        path = re.sub("%2f", "/", request.path, flags=re.IGNORECASE)
        other = lead(service, msgspec.structs.replace(request, path=path)).operation
        if other is not None and other is not operation:
            raise InvalidUri()


def _queue(request: HttpRequest, service: Service) -> dict[str, str]:
    """SQS is asked at the URL of a queue, too, which is then the member of that name."""
    if request.path in ("/", "") or service.name != "sqs":
        return {}
    return {"path": request.path}


def _unknown_target() -> AwsError:
    return InvalidAction("The service has no operation of that target")
