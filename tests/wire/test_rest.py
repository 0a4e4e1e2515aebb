"""Services with a REST protocol, there and back through botocore's own serializer and parser.

Besides those that are served here, some of botocore's that have what these have not: greedy labels, headers,
prefixes, payloads, moments in all their forms, JSON in headers.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from botocore.awsrequest import prepare_request_dict
from botocore.model import ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import given
from hypothesis import strategies as st

from rolekeeper.errors import (
    AccessDenied,
    AwsError,
    InvalidAction,
    InvalidClientTokenId,
    ResourceNotFoundException,
    Serialization,
)
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.model import OperationModel, document, service
from rolekeeper.wire.rest import fault, input_parser, output_writer
from rolekeeper.wire.rest_routes import lead
from tests.wire.samples import ROUNDS, sample

SERVED = ("eks", "eks-auth", "rolesanywhere")
OTHERS = {
    "glacier": None,
    "greengrassv2": None,
    "mediastore-data": None,
    "codeguruprofiler": None,
    "medialive": ("StopChannel", "DescribeInputDeviceThumbnail"),
    "lex-runtime": ("PostContent", "GetSession", "DeleteSession"),
    "entityresolution": ("GenerateMatchId",),
    "dataexchange": ("SendApiAsset",),
    "amp": ("ListWorkspaces", "TagResource", "UntagResource"),
    "lambda": ("Invoke", "ListFunctions", "GetFunction", "CreateFunction"),
}
OPERATIONS = [
    pytest.param(name, operation, id=f"{name}:{operation.name}")
    for name, chosen in {**dict.fromkeys(SERVED), **OTHERS}.items()
    for operation in service(name).operations.values()
    if chosen is None or operation.name in chosen
]


@cache
def botocore_model(name: str) -> ServiceModel:
    return ServiceModel(document(name), name)


def request(sent: dict[str, Any]) -> HttpRequest:
    """What a server reads of what botocore's serializer made."""
    prepare_request_dict(sent, endpoint_url="http://localhost")
    url, body = urlsplit(sent["url"]), sent["body"]
    return HttpRequest(
        method=sent["method"],
        path=url.path or "/",
        query=url.query,
        headers=[(key.lower(), str(value)) for key, value in sent["headers"].items()],
        body=body.encode() if isinstance(body, str) else bytes(body or b""),
    )


def sendable(shape: Any, values: dict[str, Any], uri: str = "") -> dict[str, Any]:
    """Values that can be where they belong: a path needs its labels, and a header has no lines."""
    members = {member.name: member for member in shape.members}
    kept = {}
    for name, value in values.items():
        place = members[name].location
        if place == "uri" and f"{{{members[name].wire_name}+}}" in uri:
            value = "a/b c/é"  # dots and empty segments would go
        elif place == "uri" and not str(value).strip("/."):
            value = "x"
        elif place in ("header", "headers") and not members[name].is_json:
            value = _header(value)
        if place in ("querystring", "headers", "header") and value in ([], {}, ""):
            continue
        if members[name].is_json:
            value = {"a": [1, "é"]}
        kept[name] = value
    return kept


def _header(value: Any) -> Any:
    if isinstance(value, str):
        return "".join(each for each in value if 32 < ord(each) < 127 and each not in ',"') or "x"
    if isinstance(value, list):
        return [_header(each) for each in value]
    if isinstance(value, dict):
        return {f"k{number}": _header(each) for number, each in enumerate(value.values())}
    return value


@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
def test_what_botocore_sends_is_what_we_read(name: str, operation: OperationModel) -> None:
    serializer, random = create_serializer("rest-json", include_validation=False), Random(operation.name)
    theirs, parse = botocore_model(name).operation_model(operation.name), input_parser(operation)
    for _ in range(ROUNDS):
        values = sample(operation.input, random, constrained=False) if operation.input else {}
        if operation.input:
            values = sendable(operation.input, values, operation.uri)
        asked = request(serializer.serialize_to_request(values, theirs))
        found = lead(service(name), asked)
        assert found.operation is operation, (asked.method, asked.path)
        members, _ = parse(asked, found.labels)
        payload = operation.input.payload if operation.input else None
        assert members == values if payload is None else _same(members, values, payload)


def _same(members: dict[str, Any], values: dict[str, Any], payload: str) -> bool:
    """An empty payload is none, and botocore sends an empty object for none."""
    for each in (members, values):
        if not each.get(payload):
            each.pop(payload, None)
    return members == values


@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
def test_what_we_write_is_what_botocore_reads(name: str, operation: OperationModel) -> None:
    parser, random = create_parser("rest-json"), Random(operation.name)
    theirs, write = botocore_model(name).operation_model(operation.name), output_writer(operation)
    for _ in range(ROUNDS):
        values = sample(operation.output, random, constrained=False) if operation.output else {}
        if operation.output:
            values = sendable(operation.output, values)
            values |= {each.name: 200 for each in operation.output.members if each.location == "statusCode"}
            if operation.output.payload in values:
                values[operation.output.payload] = _plain(values[operation.output.payload])
        answer = write(values, "r-1")
        read = parser.parse(
            {"status_code": answer.status, "headers": Headers(answer.headers), "body": answer.body},
            theirs.output_shape,
        )
        assert read.pop("ResponseMetadata")["RequestId"] == "r-1"
        assert _read(read, operation) == {key: each for key, each in values.items() if each not in ("", {})}


class Headers(dict[str, str]):
    """Headers as a client has them, by a name in any case."""

    def get(self, key: str, default: Any = None) -> Any:
        return super().get(key.lower(), default)

    def __getitem__(self, key: str) -> str:
        return super().__getitem__(key.lower())

    def __contains__(self, key: object) -> bool:
        return super().__contains__(str(key).lower())


def _plain(payload: Any) -> Any:
    """A payload that botocore's parser reads without a stream: text, and of some length."""
    return b"bytes" if isinstance(payload, bytes) else payload or "text"


def _read(values: dict[str, Any], operation: OperationModel) -> dict[str, Any]:
    """What botocore gives, as it was given: a payload of bytes, and without the headers of any answer."""
    if operation.output is None:
        return values
    for member in operation.output.members:
        value = values.get(member.name)
        if member.name == operation.output.payload and member.shape.type == "blob" and value is not None:
            values[member.name] = value.encode() if isinstance(value, str) else value
        if member.location == "headers":
            values[member.name] = {key: each for key, each in (value or {}).items() if key.startswith("k")}
        if value in ("application/json", "application/octet-stream", {}, "", b"", None):
            values.pop(member.name, None)
    return values


# -- one by one -----------------------------------------------------------------------------------

CREATE = service("eks").operations["CreatePodIdentityAssociation"]
BODY = {"namespace": "shop", "serviceAccount": "cart", "roleArn": "arn:aws:iam::1:role/cart"}


def read(body: bytes, operation: OperationModel = CREATE, query: str = "", **labels: str) -> Any:
    asked = HttpRequest(method="POST", path="/", query=query, body=body)
    return input_parser(operation)(asked, labels or {"name": "prod"})


def test_labels_and_the_body_make_the_members() -> None:
    assert read(json.dumps(BODY).encode()) == ({"clusterName": "prod", **BODY}, [])


@pytest.mark.parametrize("body", [b"[]", b"{", b"\xff", b'{"namespace":7}', b'{"tags":[]}', b"[" * 100_000])
def test_a_body_that_is_no_such_object_is_refused(body: bytes) -> None:
    with pytest.raises(Serialization):
        read(body)


def test_all_that_is_wrong_is_told() -> None:
    _, found = read(b'{"namespace":"shop","clientRequestToken":"x"}')
    assert {each.partition("' failed")[0].rpartition("'")[2] for each in found} == {
        "roleArn",
        "serviceAccount",
    }


@pytest.mark.parametrize(
    "query", ["maxResults=x", "maxResults=", "maxResults=1&maxResults=2", "maxResults=1e3"]
)
def test_a_number_of_the_query_string_is_one(query: str) -> None:
    with pytest.raises(Serialization):
        read(b"", service("eks").operations["ListPodIdentityAssociations"], query)


def test_a_query_string_that_is_no_text_is_refused() -> None:
    with pytest.raises(Serialization):
        read(b"", service("eks").operations["ListPodIdentityAssociations"], "namespace=%ff")


def test_a_constraint_holds_in_the_query_string_too() -> None:
    listing = service("eks").operations["ListPodIdentityAssociations"]
    assert "less than or equal to 100" in read(b"", listing, "maxResults=101")[1][0]


def test_a_moment_has_the_form_of_the_model() -> None:
    at = datetime(2026, 11, 22, 10, tzinfo=UTC)
    profile = output_writer(service("rolesanywhere").operations["GetProfile"])(
        {"profile": {"createdAt": at}}, "r"
    )
    assert b'"createdAt":"2026-11-22T10:00:00Z"' in profile.body
    association = output_writer(CREATE)({"association": {"createdAt": at}}, "r")
    assert json.loads(association.body) == {"association": {"createdAt": at.timestamp()}}
    thumbnail = output_writer(service("medialive").operations["DescribeInputDeviceThumbnail"])
    assert ("last-modified", "Sun, 22 Nov 2026 10:00:00 GMT") in thumbnail({"LastModified": at}, "r").headers


def test_the_status_is_the_models() -> None:
    assert output_writer(service("rolesanywhere").operations["CreateProfile"])({}, "r").status == 201
    assert output_writer(service("eks").operations["DeletePodIdentityAssociation"])({}, "r").status == 200


def test_nothing_is_written_that_the_model_does_not_have() -> None:
    with pytest.raises(ValueError, match="no member"):
        output_writer(CREATE)({"Association": {}}, "r")


@pytest.mark.parametrize(
    ("name", "error", "code", "status"),
    [
        ("eks", ResourceNotFoundException("no"), "ResourceNotFoundException", 404),
        ("eks", AccessDenied("no"), "AccessDeniedException", 403),
        ("eks-auth", AccessDenied("no"), "AccessDeniedException", 400),
        ("eks", InvalidClientTokenId(), "UnrecognizedClientException", 403),
        ("eks", InvalidAction("no"), "UnknownOperationException", 404),
        ("eks", Serialization("no"), "SerializationException", 400),
    ],
)
def test_an_error_is_told_in_a_header_and_a_message(
    name: str, error: AwsError, code: str, status: int
) -> None:
    answer = fault(service(name), error, "r-1")
    read_back = create_parser("rest-json").parse(
        {"status_code": answer.status, "headers": Headers(answer.headers), "body": answer.body},
        botocore_model("eks").operation_model("ListClusters").output_shape,
    )
    assert read_back["Error"]["Code"] == code
    assert read_back["Error"]["Message"] == error.message
    assert (answer.status, json.loads(answer.body)) == (status, {"message": error.message})


_PLAIN = st.none() | st.booleans() | st.integers() | st.text()


@given(
    st.recursive(
        _PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*BODY, "tags"]), inner)
    ),
    st.dictionaries(st.text(), st.text()),
)
def test_any_request_is_read_or_refused(value: Any, query: dict[str, str]) -> None:
    with suppress(Serialization):
        read(json.dumps(value).encode(), query=urlencode(query, errors="replace"))
