"""Every operation of the services that people use most, from botocore's own serializers to the same members.

And what is written of them reads as the same again, and is written the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.awsrequest import create_request_object, prepare_request_dict
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.serialize import create_serializer

from rolekeeper.wire import reading
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.model import OperationModel, Service, service
from tests.wire.reading.asking import SIGNED, sent
from tests.wire.reading.members import SERVICES, members_of

ASKED = [(name, protocol) for name in SERVICES for protocol in service(name).protocols]
NEVER = {"ListDirectoryBuckets", "CreateSession", "WriteGetObjectResponse"}
"""Operations of S3 at hosts of their own."""


@pytest.mark.parametrize(("name", "protocol"), ASKED)
def test_what_a_client_sends_is_what_is_read_and_what_is_written(name: str, protocol: str) -> None:
    theirs = ServiceModel(Loader().load_service_model(name, "service-2"), name)
    ours = service(name)
    serializer = create_serializer(protocol, include_validation=False)
    if protocol not in theirs.metadata["protocols" if "protocols" in theirs.metadata else "protocol"]:
        pytest.skip("botocore has forgotten how it is written")
    for operation in ours.operations.values():
        if operation.deprecated or operation.name in NEVER:
            continue
        members = _carried(members_of(operation, Random(f"{name}{operation.name}")), protocol)
        model = theirs.operation_model(operation.name)
        request = _request(serializer.serialize_to_request(members, model), ours)
        route = reading.find(request)
        assert (route.service, route.operation, route.protocol) == (ours, operation, protocol)
        found = reading.read(route, request)
        framing = (
            {"ContentLength": found.members["ContentLength"]} if "ContentLength" in found.members else {}
        )
        assert found.members == members | framing, operation.name
        again = sent(found.written, ours)
        assert reading.find(again).operation is operation
        twice = reading.read(reading.find(again), again)
        assert twice.written == found.written, operation.name
        assert _beside(twice.members, operation) == _beside(found.members, operation), operation.name


def _beside(members: Mapping[str, Any], operation: OperationModel) -> dict[str, Any]:
    """Without what is about the bytes of a body, which is framed anew, and perhaps written anew."""
    about = {"ContentLength"} | (set() if reading.streams(operation) else {"ContentMD5", "ChecksumAlgorithm"})
    return {name: value for name, value in members.items() if name not in about}


def _carried(value: Any, protocol: str) -> Any:
    """What a protocol can carry: forms have nothing for an empty structure, and botocore writes carriage
    returns into XML such that they are line feeds when they are read."""
    if isinstance(value, dict):
        parts = {key: _carried(each, protocol) for key, each in value.items()}
        return {key: each for key, each in parts.items() if each != {} or protocol not in ("query", "ec2")}
    if isinstance(value, list):
        return [_carried(each, protocol) for each in value]
    return value.replace("\r", "_") if isinstance(value, str) and protocol == "rest-xml" else value


def _request(serialized: dict[str, Any], service: Service) -> HttpRequest:
    serialized.pop("host_prefix", None)
    serialized.setdefault("context", {})
    prepare_request_dict(serialized, "http://127.0.0.1:4566")
    prepared = create_request_object(serialized).prepare()
    url = urlsplit(prepared.url)
    headers = [(name.lower(), _raw(value)) for name, value in prepared.headers.items()]
    authorization = SIGNED.format("eu-west-1", service.signing_name)
    return HttpRequest(
        method=prepared.method,
        path=url.path or "/",
        query=url.query,
        headers=[("host", "127.0.0.1:4566"), ("authorization", authorization), *headers],
        body=_bytes(prepared.body),
    )


def _raw(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value).encode().decode("latin-1")


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else bytes(body)
