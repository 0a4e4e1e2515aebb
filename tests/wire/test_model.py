"""The models are botocore's, read without botocore's machinery."""

from __future__ import annotations

import subprocess
import sys

import pytest
from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel

from rolekeeper.wire.model import (
    OperationModel,
    document,
    every_service,
    global_region,
    partition_of,
    service,
    service_by_version,
)

SERVICES = ["iam", "sts"]


@pytest.mark.parametrize("name", ["", "nosuchservice", "../../etc", "IAM", "iam/2010-05-08"])
def test_a_service_that_does_not_exist_is_a_lookup_error(name: str) -> None:
    with pytest.raises(LookupError, match="no service model"):
        service(name)


@pytest.mark.parametrize("version", ["", "2010-05-09", "2006-03-01"])
def test_a_version_that_is_neither_services_is_none(version: str) -> None:
    assert service_by_version(version) is None


def test_a_version_names_its_service() -> None:
    assert service_by_version("2010-05-08") is service("iam")
    assert service_by_version("2011-06-15") is service("sts")


def test_a_model_is_loaded_once() -> None:
    assert service("iam") is service("iam")


def test_nothing_of_botocore_is_loaded_but_its_root() -> None:
    code = "import sys, rolekeeper.wire.query; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = [name for name in done.stdout.split() if name.startswith(("botocore", "urllib3"))]
    assert loaded == ["botocore"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_what_the_model_says_of_it(name: str) -> None:
    ours, theirs = service(name), _botocore(name)
    assert ours.api_version == theirs.api_version
    assert ours.signing_name == theirs.signing_name == name
    assert ours.endpoint_prefix == theirs.endpoint_prefix
    assert ours.xml_namespace == theirs.metadata["xmlNamespace"]
    assert list(ours.operations) == list(theirs.operation_names)


@pytest.mark.parametrize("name", SERVICES)
def test_every_operation_has_the_models_members(name: str) -> None:
    theirs = _botocore(name)
    for operation in service(name).operations.values():
        expected = theirs.operation_model(operation.name).input_shape
        members = list(expected.members) if expected else []
        assert operation.members == tuple((member, xform_name(member)) for member in members)
        assert operation.required == frozenset(expected.required_members if expected else ())


@pytest.mark.parametrize("name", SERVICES)
def test_every_operation_has_the_models_errors(name: str) -> None:
    theirs = _botocore(name)
    for operation in service(name).operations.values():
        expected = theirs.operation_model(operation.name).error_shapes
        assert [(error.name, error.code) for error in operation.errors] == [
            (shape.name, shape.metadata.get("error", {}).get("code", shape.name)) for shape in expected
        ]


def test_an_error_has_its_status_and_fault() -> None:
    errors = {error.code: error for error in service("iam").operations["CreateRole"].errors}
    assert (errors["EntityAlreadyExists"].status, errors["EntityAlreadyExists"].fault) == (409, "Sender")
    assert (errors["ServiceFailure"].status, errors["ServiceFailure"].fault) == (500, "Receiver")


def test_two_operations_need_no_signature() -> None:
    unsigned = [one.name for name in SERVICES for one in service(name).operations.values() if one.unsigned]
    assert unsigned == ["AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"]


def test_a_shape_has_its_constraints() -> None:
    role_name = _member(service("iam").operations["GetRole"], "RoleName")
    assert (role_name.minimum, role_name.maximum, role_name.pattern) == (1, 64, r"[\w+=,.@-]+")
    assert not role_name.sensitive
    assert _member(service("iam").operations["ChangePassword"], "NewPassword").sensitive


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("us-east-1", "aws"),
        ("mx-central-1", "aws"),
        ("aws-global", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-9", "aws-iso-b"),
        ("eusc-de-east-1", "aws-eusc"),
        ("moon-base-1", "aws"),
        ("cn-north-1\n", "aws"),
        ("", "aws"),
    ],
)
def test_a_region_has_a_partition(region: str, partition: str) -> None:
    assert partition_of(region) == partition


@pytest.mark.parametrize(
    ("partition", "region"),
    [
        ("aws", "us-east-1"),
        ("aws-cn", "cn-north-1"),
        ("aws-us-gov", "us-gov-west-1"),
        ("aws-iso", "us-iso-east-1"),
        ("aws-iso-e", "eu-isoe-west-1"),
        ("aws-eusc", "eusc-de-east-1"),
    ],
)
def test_iam_is_signed_for_one_region_of_a_partition(partition: str, region: str) -> None:
    assert global_region("iam", partition) == region


def test_an_unknown_partition_has_no_signing_region() -> None:
    with pytest.raises(LookupError, match="no partition"):
        global_region("iam", "aws-moon")


def _botocore(name: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


def _member(operation: OperationModel, name: str):
    return next(member.shape for member in operation.input.members if member.name == name)


def test_an_operation_that_botocore_does_not_know_stands_beside_its_own() -> None:
    anywhere = service("rolesanywhere").operations
    assert (anywhere["CreateSession"].method, anywhere["CreateSession"].uri) == ("POST", "/sessions")
    assert anywhere["CreateSession"].unsigned
    assert anywhere["CreateProfile"].status == 201


def test_the_errors_of_a_rest_service_have_statuses() -> None:
    assert service("eks").statuses["ResourceNotFoundException"] == 404
    assert service("eks-auth").statuses["AccessDeniedException"] == 400
    fault = {error.name: error.fault for error in service("eks").operations["ListClusters"].errors}
    assert fault["ServerException"] == "Receiver"
    assert fault["InvalidParameterException"] == "Sender"


def test_every_service_says_what_its_model_says() -> None:
    found = every_service()
    assert len(found) > 300
    for name in ("s3", "sqs", "cloudwatch", "stepfunctions"):
        assert found[name] == document(name)["metadata"]


def test_a_service_has_its_protocols() -> None:
    assert service("sqs").protocols == ("json", "query")
    assert "query" in service("cloudwatch").protocols
    assert service("sqs").query_compatible
    assert not service("sns").query_compatible
    assert service("sns").protocols == ("query",)


def test_members_say_what_they_are_on_the_wire() -> None:
    put = service("s3").operations["PutObject"]
    assert put.payload is not None
    assert (put.payload.name, put.payload.streaming) == ("Body", True)
    assert service("s3").operations["GetObject"].payload is None
    grantee = next(one for one in service("s3").operations["PutBucketAcl"].payload.shape.members)
    kind = next(one for one in grantee.shape.element.members[0].shape.members if one.xml_attribute)
    assert (kind.own_name, kind.name) == ("xsi:type", "Type")
    zone = service("route53").operations["CreateHostedZone"]
    assert zone.root_name == "CreateHostedZoneRequest"
    assert zone.root_namespace == ("", "https://route53.amazonaws.com/doc/2013-04-01/")
    job = service("s3control").operations["DescribeJob"]
    assert job.host_prefix == "{AccountId}."
    assert next(one for one in job.input.members if one.name == "AccountId").host_label


def test_a_member_may_say_that_its_list_is_flattened() -> None:
    put = service("s3").operations["PutBucketIntelligentTieringConfiguration"].payload.shape
    both = next(one.shape for one in put.members if one.name == "Filter").members
    tags = next(one for one in both if one.name == "And").shape.members[1]
    assert (tags.own_name, tags.shape.flattened) == ("Tag", True)
