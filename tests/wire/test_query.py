"""Every operation of IAM and STS, there and back through botocore's own serializer and parser."""

from __future__ import annotations

from functools import cache
from random import Random
from urllib.parse import urlencode
from xml.dom import minidom

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import given
from hypothesis import strategies as st

from rolekeeper.errors import AccessDenied, AwsError, ServiceFailure
from rolekeeper.wire.form import FORM_TYPE, parse_form
from rolekeeper.wire.model import OperationModel, Service, service
from rolekeeper.wire.query import error_document, input_parser, output_writer
from tests.wire.samples import NAMES, OPERATIONS, ROUNDS, sample


@cache
def botocore_model(name: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


@pytest.mark.parametrize(("owner", "operation"), OPERATIONS, ids=NAMES)
def test_what_botocore_sends_is_what_we_read(owner: Service, operation: OperationModel) -> None:
    serializer, random = create_serializer("query"), Random(operation.name)
    theirs, parse = botocore_model(owner.name).operation_model(operation.name), input_parser(operation)
    for _ in range(ROUNDS):
        values = sample(operation.input, random) if operation.input else {}
        sent = serializer.serialize_to_request(values, theirs)
        form = parse_form("POST", "", sent["headers"]["Content-Type"], urlencode(sent["body"]).encode())
        assert form["Action"] == operation.name
        assert parse(form) == values


@pytest.mark.parametrize(("owner", "operation"), OPERATIONS, ids=NAMES)
def test_what_we_write_is_what_botocore_reads(owner: Service, operation: OperationModel) -> None:
    parser, random = create_parser("query"), Random(operation.name)
    theirs, write = (
        botocore_model(owner.name).operation_model(operation.name),
        output_writer(owner, operation),
    )
    for _ in range(ROUNDS):
        values = sample(operation.output, random, constrained=False) if operation.output else {}
        body = write(values, "r-1")
        answer = parser.parse({"status_code": 200, "headers": {}, "body": body}, theirs.output_shape)
        assert answer.pop("ResponseMetadata")["RequestId"] == "r-1"
        assert answer == values


@pytest.mark.parametrize("name", ["iam", "sts"])
def test_botocore_reads_an_error(name: str) -> None:
    error = AccessDenied("User: <arn> is not authorized & that\x00is it")
    body = error_document(service(name), error, "r-1")
    theirs = botocore_model(name).operation_model("GetRole" if name == "iam" else "AssumeRole")
    answer = create_parser("query").parse(
        {"status_code": 403, "headers": {}, "body": body}, theirs.output_shape
    )
    assert answer["Error"] == {
        "Type": "Sender",
        "Code": "AccessDenied",
        "Message": "User: <arn> is not authorized & that\ufffdis it",
    }
    assert answer["ResponseMetadata"]["RequestId"] == "r-1"


def test_an_error_stands_in_its_services_namespace() -> None:
    assert error_document(service("iam"), ServiceFailure(), "r-1") == (
        b'<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Receiver</Type>'
        b"<Code>ServiceFailure</Code><Message>The request processing has failed because of an unknown error, "
        b"exception or failure.</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
    )


def test_an_error_of_no_service_is_well_formed_too() -> None:
    root = minidom.parseString(error_document(None, AccessDenied("no"), "r-1")).documentElement
    assert root.namespaceURI == "http://webservices.amazon.com/AWSFault/2005-15-09"
    assert root.getElementsByTagName("Code")[0].firstChild.data == "AccessDenied"


WORDS = """Action RoleName Tags TagKeys member entry Properties ReplacementValues ContextEntries
ContextKeyValues key value Key Value Values Status DurationSeconds MaxItems OnlyAttached
0 1 2 01 999999999 1e9 ²"""
PARTS = st.sampled_from([*WORDS.split(), "", "\0"])
HOSTILE = st.dictionaries(
    st.lists(PARTS, min_size=1, max_size=8).map(".".join),
    st.sampled_from(["", "x", "0", "1" * 5000, "true", "\ud7ff", "\x00", "AQ==", "2026-11-22T10:00:00Z"])
    | st.text(max_size=20),
    max_size=12,
)


@given(st.sampled_from([operation for _, operation in OPERATIONS]), HOSTILE)
def test_whatever_form_comes_the_answer_is_values_or_an_aws_error(
    operation: OperationModel, form: dict[str, str]
) -> None:
    try:
        values = input_parser(operation)(form)
    except AwsError as error:
        minidom.parseString(error_document(None, error, "r-1"))
    else:
        assert values.keys() <= {name for name, _ in operation.members}
        assert values.keys() >= operation.required


@given(st.binary(max_size=200))
def test_whatever_bytes_come_the_answer_is_values_or_an_aws_error(body: bytes) -> None:
    for name in ("TagRole", "ListRoles", "SimulateCustomPolicy"):
        try:
            values = input_parser(service("iam").operations[name])(parse_form("POST", "", FORM_TYPE, body))
        except AwsError:
            continue
        assert isinstance(values, dict)


def test_ten_thousand_parameters_of_one_list_are_read_or_refused_whole() -> None:
    form = {"RoleName": "dev", **{f"Tags.member.{i * 99_999}.Key{'.x' * 50}": "!" for i in range(9_000)}}
    with pytest.raises(AwsError) as caught:
        input_parser(service("iam").operations["TagRole"])(form)
    assert caught.value.message.startswith("18001 validation errors detected: ")
    assert len(caught.value.message) < 20_000


def test_deep_names_cost_nothing() -> None:
    form = {"RoleName": "dev", "Tags" + ".member.1" * 100_000: "x", "." * 100_000: "x"}
    with pytest.raises(AwsError):
        input_parser(service("iam").operations["TagRole"])(form)
