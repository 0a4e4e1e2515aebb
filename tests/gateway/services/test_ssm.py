from __future__ import annotations

from typing import Any

import pytest

from rolekeeper import errors
from tests.gateway.asking import ACCOUNT, OTHER, found, keys, pairs, tags, wanted

ARN = f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/prod/db"


@pytest.mark.parametrize("name", ["/prod/db", ARN, "/prod/db:3", "/prod/db:live", ARN + ":3"])
def test_a_parameter_is_its_name_without_the_slash_and_without_a_version(name: str) -> None:
    assert pairs("ssm", "GetParameter", Name=name) == [("ssm:GetParameter", "parameter/prod/db")]


@pytest.mark.parametrize("operation", ["DeleteParameter", "GetParameterHistory", "PutParameter"])
def test_a_changed_parameter_has_no_version(operation: str) -> None:
    assert pairs("ssm", operation, Name="db") == [(f"ssm:{operation}", "parameter/db")]
    with pytest.raises(errors.ValidationError):
        pairs("ssm", operation, Name="db:3")


def test_each_of_several_parameters_is_asked() -> None:
    for operation in ("GetParameters", "DeleteParameters"):
        assert pairs("ssm", operation, Names=["/a", "b/c"]) == [
            (f"ssm:{operation}", "parameter/a"),
            (f"ssm:{operation}", "parameter/b/c"),
        ]
        with pytest.raises(errors.ValidationError):
            pairs("ssm", operation, Names=[])


def test_a_parameter_of_another_account_is_that_accounts() -> None:
    theirs = ARN.replace(ACCOUNT, OTHER)
    assert pairs("ssm", "GetParameter", Name=theirs) == [("ssm:GetParameter", theirs)]


@pytest.mark.parametrize(
    "name",
    ["", "a:b:c", "a b", "*", ARN.replace("eu-west-1", "us-east-1"), ARN.replace("parameter", "document")],
)
def test_what_names_no_parameter_of_the_region_is_refused(name: str) -> None:
    with pytest.raises(errors.ValidationError):
        pairs("ssm", "GetParameter", Name=name)


def test_aws_own_parameters_are_of_no_account() -> None:
    assert pairs("ssm", "GetParameter", Name="/aws/service/ami/x") == [
        ("ssm:GetParameter", "arn:aws:ssm:eu-west-1::parameter/aws/service/ami/x")
    ]


def test_parameters_are_asked_by_their_path() -> None:
    assert pairs("ssm", "GetParametersByPath", Path="/prod/") == [
        ("ssm:GetParametersByPath", "parameter/prod/")
    ]
    assert pairs("ssm", "GetParametersByPath", Path="/prod") == [
        ("ssm:GetParametersByPath", "parameter/prod")
    ]
    assert pairs("ssm", "GetParametersByPath", Path="/") == [("ssm:GetParametersByPath", "parameter/*")]
    with pytest.raises(errors.ValidationError):
        pairs("ssm", "GetParametersByPath", Path="prod")


def test_a_parameter_put_with_tags_needs_what_tagging_needs() -> None:
    assert pairs("ssm", "PutParameter", Name="/a", Tags=[{"Key": "a", "Value": "b"}]) == [
        ("ssm:PutParameter", "parameter/a"),
        ("ssm:AddTagsToResource", "parameter/a"),
    ]


@pytest.mark.parametrize(
    ("tier", "size", "action"),
    [
        ("Standard", 1, "Encrypt"),
        ("Advanced", 1, "GenerateDataKey"),
        ("Intelligent-Tiering", 4096, "Encrypt"),
        ("Intelligent-Tiering", 4097, "GenerateDataKey"),
    ],
)
def test_a_parameter_with_a_key_is_encrypted_as_the_caller(tier: str, size: int, action: str) -> None:
    _, one = wanted("ssm", "PutParameter", Name="/a", KeyId="alias/app", Tier=tier, Value="x" * size)
    assert (one.action, one.type, one.named) == (f"kms:{action}", "key", one.resource)
    assert one.resource.endswith(":alias/app")
    assert one.keys["kms:viaservice"] == "ssm.eu-west-1.amazonaws.com"
    assert one.keys["kms:encryptioncontext:parameter_arn"] == f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/a"
    assert len(wanted("ssm", "PutParameter", Name="/a", KeyId="alias/aws/ssm")) == 1


@pytest.mark.parametrize(
    "name", ["/aws/reference/secretsmanager/db", "/aws/reference/secretsmanager/db:AWSPREVIOUS"]
)
def test_a_parameter_that_stands_for_a_secret_is_asked_as_that_too(name: str) -> None:
    both = [
        ("ssm:GetParameter", "parameter/aws/reference/secretsmanager/db"),
        ("secretsmanager:GetSecretValue", "secret:db-??????"),
    ]
    assert pairs("ssm", "GetParameter", Name=name) == both
    arn = f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/aws/reference/secretsmanager/db"
    assert pairs("ssm", "GetParameter", Name=arn) == both


def test_documents_are_asked_by_name_and_aws_own_are_of_no_account() -> None:
    assert pairs("ssm", "GetDocument", Name="setup") == [("ssm:GetDocument", "document/setup")]
    assert pairs("ssm", "GetDocument", Name="AWS-RunShellScript") == [
        ("ssm:GetDocument", "arn:aws:ssm:eu-west-1::document/AWS-RunShellScript")
    ]


def test_a_command_is_asked_on_its_document_and_on_each_instance() -> None:
    asked_for = pairs(
        "ssm",
        "SendCommand",
        DocumentName="setup",
        InstanceIds=["i-0a", "mi-0b"],
        Targets=[{"Key": "InstanceIds", "Values": ["i-0c"]}, {"Key": "tag:role", "Values": ["web"]}],
        OutputS3BucketName="logs",
    )
    assert asked_for == [
        ("ssm:SendCommand", "document/setup"),
        ("ssm:SendCommand", "instance/i-0a"),
        ("ssm:SendCommand", "managed-instance/mi-0b"),
        ("ssm:SendCommand", "instance/i-0c"),
        ("ssm:SendCommand", "instance/*"),
        ("ssm:SendCommand", "arn:aws:s3:::logs"),
    ]


@pytest.mark.parametrize(
    "members", [{"InstanceIds": ["i-*"]}, {"InstanceIds": ["x"]}, {"OutputS3BucketName": "a/b"}]
)
def test_a_command_to_what_is_no_instance_is_refused(members: Any) -> None:
    with pytest.raises(errors.ValidationError):
        pairs("ssm", "SendCommand", DocumentName="setup", **members)


def test_parts_of_a_maintenance_window_are_asked_with_it() -> None:
    assert pairs("ssm", "GetMaintenanceWindow", WindowId="mw-0a") == [
        ("ssm:GetMaintenanceWindow", "maintenancewindow/mw-0a")
    ]
    assert pairs("ssm", "DeregisterTargetFromMaintenanceWindow", WindowId="mw-0a", WindowTargetId="t-1") == [
        ("ssm:DeregisterTargetFromMaintenanceWindow", "maintenancewindow/mw-0a"),
        ("ssm:DeregisterTargetFromMaintenanceWindow", "windowtarget/t-1"),
    ]


@pytest.mark.parametrize(
    ("kind", "name", "resource"),
    [
        ("Parameter", "/prod/db", "parameter/prod/db"),
        ("Document", "setup", "document/setup"),
        ("MaintenanceWindow", "mw-0a", "maintenancewindow/mw-0a"),
        ("PatchBaseline", "pb-0a", "patchbaseline/pb-0a"),
    ],
)
def test_tags_are_of_a_resource_of_a_kind(kind: str, name: str, resource: str) -> None:
    for operation in ("AddTagsToResource", "RemoveTagsFromResource", "ListTagsForResource"):
        assert pairs("ssm", operation, ResourceType=kind, ResourceId=name) == [(f"ssm:{operation}", resource)]


def test_tags_of_what_is_of_no_kind_are_refused() -> None:
    for kind, name in (("Planet", "x"), ("MaintenanceWindow", "pb-0a"), ("Parameter", "a:1")):
        with pytest.raises(errors.ValidationError):
            pairs("ssm", "AddTagsToResource", ResourceType=kind, ResourceId=name)


def test_condition_keys_are_what_the_request_says() -> None:
    assert keys("ssm", "PutParameter", Name="a")["ssm:overwrite"] == "false"
    assert keys("ssm", "PutParameter", Name="a", Overwrite=True, Policies="[]")["ssm:policies"] == "[]"
    assert keys("ssm", "GetParametersByPath", Path="/", Recursive=True)["ssm:recursive"] == "true"
    assert keys("ssm", "CreateDocument", Name="setup")["ssm:documenttype"] == "Command"


def test_what_a_document_is_the_backend_says() -> None:
    answers = {"DescribeDocument": {"Document": {"DocumentType": "Automation"}}}
    assert found("ssm", "ssm:documenttype", answers, "GetDocument", Name="setup") == ["Automation"]
    assert found("ssm", "ssm:documenttype", {}, "GetDocument", Name="setup") == [None]


def test_tags_of_a_parameter_are_found_with_and_without_slash() -> None:
    def listed(members: Any) -> Any:
        return (
            {"TagList": [{"Key": "of", "Value": members["ResourceId"]}]}
            if members["ResourceId"] == "x"
            else None
        )

    plain = f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/x"
    assert tags("ssm", "parameter", plain, {"ListTagsForResource": listed}) == {"of": "x"}
    assert tags("ssm", "parameter", ARN, {"ListTagsForResource": listed}) == {}
