from __future__ import annotations

from typing import Any

import pytest

from rolekeeper import errors
from tests.gateway.asking import ACCOUNT, OTHER, completed, found, keys, pairs, policy, tags

ARN = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:prod/db-AbCdEf"
BEHIND = {"DescribeSecret": {"ARN": ARN, "PrimaryRegion": "eu-west-1", "RotationLambdaARN": "arn:f"}}


@pytest.mark.parametrize("name", ["prod/db", ARN, ARN.removesuffix("-AbCdEf")])
def test_a_secret_is_the_one_that_the_backend_says(name: str) -> None:
    assert completed("secretsmanager", BEHIND, "GetSecretValue", SecretId=name) == [ARN]


def test_an_arn_without_its_end_is_not_believed() -> None:
    """`secret:my-secret` looks whole, and may be `secret:my-secret-AbCdEf`."""
    partial = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:my-secret"
    asked_for = []

    def describe(members: Any) -> Any:
        asked_for.append(members["SecretId"])
        return {"ARN": partial + "-AbCdEf"}

    answers = {"DescribeSecret": describe}
    assert completed("secretsmanager", answers, "GetSecretValue", SecretId=partial) == [partial + "-AbCdEf"]
    assert asked_for == [partial]


def test_a_secret_that_is_not_there_has_an_end_that_nobody_knows() -> None:
    assert pairs("secretsmanager", "GetSecretValue", SecretId="prod/db") == [
        ("secretsmanager:GetSecretValue", "secret:prod/db-??????")
    ]
    assert completed("secretsmanager", {}, "GetSecretValue", SecretId="prod/db") == [None]


def test_a_secret_of_another_account_is_looked_up_there() -> None:
    theirs = ARN.replace(ACCOUNT, OTHER)
    assert pairs("secretsmanager", "GetSecretValue", SecretId=theirs) == [
        ("secretsmanager:GetSecretValue", theirs)
    ]


@pytest.mark.parametrize(
    "name",
    ["", "a:b", "a b", "x*", "db-??????", ARN.replace("eu-west-1", "us-east-1"), ARN + ":x"],
)
def test_what_names_no_secret_of_the_region_is_refused(name: str) -> None:
    with pytest.raises(errors.ValidationError):
        pairs("secretsmanager", "GetSecretValue", SecretId=name)


def test_a_secret_is_made_with_all_that_goes_with_it() -> None:
    assert pairs("secretsmanager", "CreateSecret", Name="db") == [
        ("secretsmanager:CreateSecret", "secret:db-??????")
    ]
    made = pairs(
        "secretsmanager",
        "CreateSecret",
        Name="db",
        Tags=[{"Key": "a", "Value": "b"}],
        AddReplicaRegions=[{"Region": "us-east-1"}],
    )
    assert [action for action, _ in made] == [
        "secretsmanager:CreateSecret",
        "secretsmanager:TagResource",
        "secretsmanager:ReplicateSecretToRegions",
    ]


def test_a_secret_with_a_key_is_encrypted_as_the_caller() -> None:
    asked_for = pairs("secretsmanager", "CreateSecret", Name="db", KmsKeyId="1234")
    assert asked_for[1:] == [("kms:GenerateDataKey", "key/1234"), ("kms:Decrypt", "key/1234")]
    assert len(pairs("secretsmanager", "CreateSecret", Name="db", KmsKeyId="alias/aws/secretsmanager")) == 1


def test_what_the_key_of_a_secret_is_the_backend_says() -> None:
    answers = {
        "DescribeKey": {"KeyMetadata": {"Arn": "arn:k", "KeySpec": "SYMMETRIC_DEFAULT"}},
        "DescribeSecret": {"PrimaryRegion": "eu-west-1"},
    }
    members = {"Name": "db", "KmsKeyId": "alias/app"}
    spec = found("secretsmanager", "kms:keyspec", answers, "CreateSecret", **members)
    assert spec == [None, "SYMMETRIC_DEFAULT", "SYMMETRIC_DEFAULT"]
    key = "secretsmanager:secretprimaryregion"
    assert found("secretsmanager", key, answers, "UpdateSecret", SecretId="db") == ["eu-west-1"]


def test_a_batch_is_asked_on_each_secret() -> None:
    assert pairs("secretsmanager", "BatchGetSecretValue", SecretIdList=["a", "b", "a"]) == [
        ("secretsmanager:GetSecretValue", "secret:a-??????"),
        ("secretsmanager:GetSecretValue", "secret:b-??????"),
        ("secretsmanager:BatchGetSecretValue", "*"),
    ]
    found_by = [{"Key": "name", "Values": ["a"]}]
    asked_for = pairs("secretsmanager", "BatchGetSecretValue", Filters=found_by)
    assert list(dict.fromkeys(asked_for)) == [
        ("secretsmanager:GetSecretValue", "secret:*"),
        ("secretsmanager:ListSecrets", "*"),
        ("secretsmanager:BatchGetSecretValue", "*"),
    ]


def test_what_a_filter_finds_is_asked_one_by_one() -> None:
    found_by = [{"Key": "name", "Values": ["a"]}]

    def names(*there: str, **more: str) -> list[str | None]:
        behind = {"ListSecrets": {"SecretList": [{"ARN": each} for each in there], **more}}
        return completed("secretsmanager", behind, "BatchGetSecretValue", Filters=found_by)

    assert names("a", "b") == ["a", *["b"] * 39, "*", "*"]
    assert names() == [*[None] * 40, "*", "*"]
    for there, more in ((("a",), {"NextToken": "x"}), (tuple(map(str, range(41))), {})):
        with pytest.raises(errors.ValidationError, match="SecretIdList"):
            names(*there, **more)


@pytest.mark.parametrize("members", [{}, {"SecretIdList": ["a"], "Filters": [{"Key": "all"}]}])
def test_a_batch_of_nothing_or_of_two_sorts_is_refused(members: Any) -> None:
    with pytest.raises(errors.ValidationError):
        pairs("secretsmanager", "BatchGetSecretValue", **members)


def test_a_rotation_needs_the_right_to_invoke_its_function() -> None:
    function = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:rotate"
    assert pairs("secretsmanager", "RotateSecret", SecretId="db", RotationLambdaARN=function) == [
        ("secretsmanager:RotateSecret", "secret:db-??????"),
        ("lambda:InvokeFunction", "function:rotate"),
    ]
    theirs = function.replace(ACCOUNT, OTHER)
    assert pairs("secretsmanager", "RotateSecret", SecretId="db", RotationLambdaARN=theirs)[1:] == [
        ("lambda:InvokeFunction", theirs),
        ("lambda:InvokeFunction", "function:rotate"),  # which a backend may take for it
    ]
    with pytest.raises(errors.ValidationError):
        pairs("secretsmanager", "RotateSecret", SecretId="db", RotationLambdaARN="rotate")


@pytest.mark.parametrize(
    ("operation", "members", "key", "value"),
    [
        ("GetSecretValue", {"SecretId": "db"}, "secretid", "db"),
        ("GetSecretValue", {"SecretId": "db"}, "versionstage", "AWSCURRENT"),
        ("GetSecretValue", {"SecretId": "db", "VersionStage": "AWSPREVIOUS"}, "versionstage", "AWSPREVIOUS"),
        ("CreateSecret", {"Name": "db"}, "name", "db"),
        ("CreateSecret", {"Name": "db", "AddReplicaRegions": [{"Region": "x"}]}, "addreplicaregions", ("x",)),
        ("DeleteSecret", {"SecretId": "db", "RecoveryWindowInDays": 7}, "recoverywindowindays", "7"),
        (
            "DeleteSecret",
            {"SecretId": "db", "ForceDeleteWithoutRecovery": True},
            "forcedeletewithoutrecovery",
            "true",
        ),
        (
            "RotateSecret",
            {"SecretId": "db", "RotationRules": {"Duration": "1h"}},
            "modifyrotationrules",
            "true",
        ),
        ("PutResourcePolicy", {"SecretId": "db", "BlockPublicPolicy": True}, "blockpublicpolicy", "true"),
    ],
)
def test_condition_keys_are_what_the_request_says(operation: str, members: Any, key: str, value: Any) -> None:
    assert keys("secretsmanager", operation, **members)[f"secretsmanager:{key}"] == value


def test_a_version_by_its_id_has_no_stage() -> None:
    told = keys("secretsmanager", "GetSecretValue", SecretId="db", VersionId="1")
    assert "secretsmanager:versionstage" not in told


def test_what_a_secret_is_the_backend_says() -> None:
    key = "secretsmanager:resource/allowrotationlambdaarn"
    assert found("secretsmanager", key, BEHIND, "GetSecretValue", SecretId="db") == ["arn:f"]
    assert found("secretsmanager", key, {}, "GetSecretValue", SecretId="db") == [None]
    assert found("secretsmanager", key, BEHIND, "CreateSecret", Name="db") == [None]


def test_tags_and_policy_are_read() -> None:
    answers = {
        "DescribeSecret": {"Tags": [{"Key": "team", "Value": "red"}]},
        "GetResourcePolicy": {"ResourcePolicy": "{}"},
    }
    assert tags("secretsmanager", "Secret", ARN, answers) == {"team": "red"}
    assert policy("secretsmanager", "Secret", ARN, answers) == "{}"
    assert policy("secretsmanager", "Secret", ARN.replace("AbCdEf", "??????"), answers) is None
