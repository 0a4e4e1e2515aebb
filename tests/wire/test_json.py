"""Every operation of AWS Organizations, there and back through botocore's own serializer and parser."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import cache
from random import Random
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import given
from hypothesis import strategies as st

from rolekeeper.errors import AccessDenied, AwsError, InvalidInputException, NoSuchEntity, Serialization
from rolekeeper.wire.json import error_document, input_parser, output_writer
from rolekeeper.wire.model import OperationModel, service
from tests.wire.samples import ROUNDS, sample

OPERATIONS = list(service("organizations").operations.values())
NAMES = [operation.name for operation in OPERATIONS]


@cache
def botocore_model() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("organizations", "service-2"), "organizations")


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_what_botocore_sends_is_what_we_read(operation: OperationModel) -> None:
    serializer, random = create_serializer("json", include_validation=False), Random(operation.name)
    theirs, parse = botocore_model().operation_model(operation.name), input_parser(operation)
    for _ in range(ROUNDS):
        values = sample(operation.input, random, constrained=False) if operation.input else {}
        sent = serializer.serialize_to_request(values, theirs)
        assert sent["headers"]["X-Amz-Target"] == f"AWSOrganizationsV20161128.{operation.name}"
        assert parse(sent["body"])[0] == values


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_what_we_write_is_what_botocore_reads(operation: OperationModel) -> None:
    parser, random = create_parser("json"), Random(operation.name)
    theirs, write = botocore_model().operation_model(operation.name), output_writer(operation)
    for _ in range(ROUNDS):
        values = sample(operation.output, random, constrained=False) if operation.output else {}
        answer = parser.parse({"status_code": 200, "headers": {}, "body": write(values)}, theirs.output_shape)
        answer.pop("ResponseMetadata")
        assert answer == values


def test_botocore_reads_an_error_with_its_reason() -> None:
    error = InvalidInputException("INVALID_PATTERN", "no")
    answer = create_parser("json").parse(
        {"status_code": 400, "headers": {}, "body": error_document(error)},
        botocore_model().operation_model("CreateAccount").output_shape,
    )
    assert answer["Error"] == {"Code": "InvalidInputException", "Message": "no"}
    assert json.loads(error_document(error))["Reason"] == "INVALID_PATTERN"


@pytest.mark.parametrize(
    ("error", "code"),
    [(AccessDenied("no"), "AccessDeniedException"), (NoSuchEntity("no"), "NoSuchEntity")],
)
def test_errors_of_all_services_have_this_protocols_names(error: AwsError, code: str) -> None:
    assert json.loads(error_document(error))["__type"] == code


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'"x"',
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"AccountName":7}',
        b'{"Tags":{}}',
        b'{"Tags":[1]}',
        b"nul",
    ],
)
def test_what_is_no_such_object_is_refused_at_once(body: bytes) -> None:
    with pytest.raises(Serialization):
        input_parser(service("organizations").operations["CreateAccount"])(body)


def test_all_that_is_wrong_is_told() -> None:
    _, found = input_parser(service("organizations").operations["CreateAccount"])(
        b'{"Email":"x","IamUserAccessToBilling":"MAYBE"}'
    )
    assert "Value null at 'accountName' failed to satisfy constraint: Member must not be null" in found
    assert any("enum value set" in each for each in found)


def test_nothing_is_written_that_the_model_does_not_have() -> None:
    write = output_writer(service("organizations").operations["DescribeOrganization"])
    with pytest.raises(ValueError, match="no member"):
        write({"Organisation": {}})


_NAMES = st.sampled_from(["Tags", "Key", "Value", "Email", "AccountName"])
_PLAIN = st.none() | st.booleans() | st.integers() | st.text()


@given(st.recursive(_PLAIN, lambda inner: st.lists(inner) | st.dictionaries(_NAMES, inner)))
def test_any_json_is_read_or_refused(value: Any) -> None:
    with suppress(Serialization):
        input_parser(service("organizations").operations["CreateAccount"])(json.dumps(value).encode())
