"""Parameters and secrets under KMS keys: who wants a value needs its key too, by an unmodified SDK."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.client import ACCOUNT, OTHER_ACCOUNT, Person
from tests.gateway.served import ServedWorld
from tests.gateway.services.test_served_object_keys import key, to
from tests.people import allow, assume, deny, policy, refused, role, user

HERE = f"us-east-1:{ACCOUNT}"


def via(service: str) -> dict[str, Any]:
    return {"StringEquals": {"kms:ViaService": f"{service}.us-east-1.amazonaws.com"}}


# -- parameters -------------------------------------------------------------------------------------


def parameter(owner: Person, name: str, arn: str = "", value: str = "1234", **more: Any) -> None:
    by = {"KeyId": arn} if arn else {}
    owner.client("ssm").put_parameter(Name=name, Value=value, Type="SecureString", **by, **more)


READ = allow(*(f"ssm:{name}" for name in ("GetParameter*", "DescribeParameters")))
READS: dict[str, Callable[[Any, str], Any]] = {
    "GetParameter": lambda ssm, name: ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"],
    "GetParameters": lambda ssm, name: ssm.get_parameters(Names=["/plain", name], WithDecryption=True)[
        "Parameters"
    ],
    "GetParametersByPath": lambda ssm, name: ssm.get_parameters_by_path(
        Path=name.rpartition("/")[0], Recursive=True, WithDecryption=True
    )["Parameters"],
    "GetParameterHistory": lambda ssm, name: ssm.get_parameter_history(Name=name, WithDecryption=True)[
        "Parameters"
    ],
}


@pytest.mark.parametrize("operation", READS)
def test_a_parameter_is_decrypted_for_who_may_use_its_key(served: ServedWorld, operation: str) -> None:
    root, name = served.root, f"/{operation}/pin"
    arn = key(root)
    parameter(root, name, arn)
    person = user(root, f"bare-{operation}", READ)
    with refused("AccessDeniedException", 400, f"kms:Decrypt on resource: {arn}") as caught:
        READS[operation](person.client("ssm"), name)
    assert "1234" not in str(caught.value.response)
    elsewhere = user(root, f"else-{operation}", READ, allow("kms:Decrypt", Condition=via("s3")))
    with refused("AccessDeniedException", 400, "kms:Decrypt"):
        READS[operation](elsewhere.client("ssm"), name)
    of = {
        "StringEquals": {
            "kms:EncryptionContext:PARAMETER_ARN": f"arn:aws:ssm:{HERE}:parameter{name}",
            "kms:ViaService": "ssm.us-east-1.amazonaws.com",
        }
    }
    able = user(root, f"able-{operation}", READ, allow("kms:Decrypt", on=arn, Condition=of))
    assert "1234" in str(READS[operation](able.client("ssm"), name))
    with refused("AccessDeniedException", 400, "kms:Decrypt"):
        sealed = root.client("kms").encrypt(KeyId=arn, Plaintext=b"x")["CiphertextBlob"]
        able.client("kms").decrypt(KeyId=arn, CiphertextBlob=sealed)


def test_a_parameter_that_is_not_decrypted_needs_no_key_and_shows_nothing(served: ServedWorld) -> None:
    parameter(served.root, "/shut/pin", key(served.root), "guess-me")
    ssm = user(served.root, "looker", READ).client("ssm")
    for found in (
        ssm.get_parameter(Name="/shut/pin"),
        ssm.get_parameter_history(Name="/shut/pin"),
        ssm.get_parameters_by_path(Path="/shut"),
    ):
        assert "guess-me" not in str(found)


def test_the_key_that_aws_has_for_parameters_needs_no_leave(served: ServedWorld) -> None:
    parameter(served.root, "/by-aws/pin")
    ssm = user(served.root, "plain", READ, deny("kms:*")).client("ssm")
    assert ssm.get_parameter(Name="/by-aws/pin", WithDecryption=True)["Parameter"]["Value"] == "1234"


def test_an_older_version_needs_the_key_that_it_has(served: ServedWorld) -> None:
    old, new = key(served.root), key(served.root)
    parameter(served.root, "/versions/pin", old)
    parameter(served.root, "/versions/pin", new, "5678", Overwrite=True)
    ssm = user(served.root, "historian", READ, allow("kms:Decrypt", on=new)).client("ssm")
    assert ssm.get_parameter(Name="/versions/pin", WithDecryption=True)["Parameter"]["Value"] == "5678"
    with refused("AccessDeniedException", 400, f"kms:Decrypt on resource: {old}"):
        ssm.get_parameter(Name="/versions/pin:1", WithDecryption=True)


def test_a_new_value_without_a_key_is_under_the_key_that_aws_has(served: ServedWorld) -> None:
    parameter(served.root, "/changed/pin", key(served.root))
    ssm = user(served.root, "changer", READ, allow("ssm:PutParameter")).client("ssm")
    ssm.put_parameter(Name="/changed/pin", Value="5678", Type="SecureString", Overwrite=True)
    assert ssm.get_parameter(Name="/changed/pin", WithDecryption=True)["Parameter"]["Value"] == "5678"


def test_a_parameter_that_stands_for_a_secret_needs_leave_for_that(served: ServedWorld) -> None:
    arn, name = key(served.root), "/aws/reference/secretsmanager/stood-for"
    served.root.client("secretsmanager").create_secret(Name="stood-for", SecretString="1234", KmsKeyId=arn)
    bare = user(served.root, "stands", READ).client("ssm")
    with refused("AccessDeniedException", 400, "secretsmanager:GetSecretValue"):
        bare.get_parameter(Name=name, WithDecryption=True)
    secret = allow("secretsmanager:GetSecretValue")
    half = user(served.root, "stands-2", READ, secret).client("ssm")
    with refused("AccessDeniedException", 400, f"kms:Decrypt on resource: {arn}"):
        half.get_parameter(Name=name, WithDecryption=True)
    able = user(served.root, "stands-3", READ, secret, allow("kms:Decrypt", on=arn)).client("ssm")
    assert able.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"] == "1234"


# -- secrets ----------------------------------------------------------------------------------------


def secret(owner: Person, name: str, arn: str) -> str:
    made = owner.client("secretsmanager").create_secret(Name=name, SecretString="1234", KmsKeyId=arn)
    found: str = made["ARN"]
    return found


def test_a_secret_is_read_by_who_may_use_its_key(served: ServedWorld) -> None:
    root, arn = served.root, key(served.root)
    whole = secret(root, "sealed", arn)
    get = allow("secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue")
    bare = user(root, "opener", get).client("secretsmanager")
    with refused("AccessDeniedException", 400, f"kms:Decrypt on resource: {arn}") as caught:
        bare.get_secret_value(SecretId="sealed")
    assert "1234" not in str(caught.value.response)
    with refused("AccessDeniedException", 400, f"kms:Decrypt on resource: {arn}"):
        bare.batch_get_secret_value(SecretIdList=["sealed"])
    version = root.client("secretsmanager").get_secret_value(SecretId="sealed")["VersionId"]
    of = {
        "StringEquals": {
            "kms:EncryptionContext:SecretARN": whole,
            "kms:EncryptionContext:SecretVersionId": version,
            "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com",
        }
    }
    able = user(root, "opener-2", get, allow("kms:Decrypt", on=arn, Condition=of)).client("secretsmanager")
    assert able.get_secret_value(SecretId="sealed")["SecretString"] == "1234"
    assert able.get_secret_value(SecretId=whole)["SecretString"] == "1234"
    found = able.batch_get_secret_value(SecretIdList=["sealed"])["SecretValues"]
    assert [each["SecretString"] for each in found] == ["1234"]


def test_the_policy_of_a_key_alone_opens_a_secret_and_a_deny_shuts_it(served: ServedWorld) -> None:
    root, get = served.root, allow("secretsmanager:GetSecretValue")
    who = f"arn:aws:iam::{ACCOUNT}:role/secret-reader"
    trusted = role(root, "secret-reader", f"arn:aws:iam::{ACCOUNT}:root", get)
    opened = secret(root, "opened", key(root, to(who, "kms:Decrypt", Condition=via("secretsmanager"))))
    shut = secret(root, "shut", key(root, to(who, "kms:Decrypt"), to(who, "kms:Decrypt", effect="Deny")))
    person = assume(user(root, "assumer", allow("sts:AssumeRole")), trusted)
    assert person.client("secretsmanager").get_secret_value(SecretId=opened)["SecretString"] == "1234"
    with refused("AccessDeniedException", 400, "with an explicit deny in a resource-based policy"):
        person.client("secretsmanager").get_secret_value(SecretId=shut)


def test_a_new_value_of_a_secret_needs_the_key_that_the_secret_has(served: ServedWorld) -> None:
    root, arn = served.root, key(served.root)
    secret(root, "changed", arn)
    put = allow("secretsmanager:PutSecretValue", "secretsmanager:UpdateSecret")
    bare = user(root, "putter", put).client("secretsmanager")
    with refused("AccessDeniedException", 400, f"kms:GenerateDataKey on resource: {arn}"):
        bare.put_secret_value(SecretId="changed", SecretString="5678")
    with refused("AccessDeniedException", 400, "kms:GenerateDataKey"):
        bare.update_secret(SecretId="changed", SecretString="5678")
    bare.update_secret(SecretId="changed", Description="nothing that is sealed")
    use = allow("kms:GenerateDataKey", "kms:Decrypt", on=arn, Condition=via("secretsmanager"))
    able = user(root, "putter-2", put, use).client("secretsmanager")
    able.put_secret_value(SecretId="changed", SecretString="5678")
    able.update_secret(SecretId="changed", SecretString="9")
    with refused("AccessDeniedException", 400, "kms:GenerateDataKey"):
        able.update_secret(SecretId="changed", KmsKeyId=key(root))


def test_another_accounts_secret_needs_leave_of_both_accounts_for_the_key(served: ServedWorld) -> None:
    root, theirs = served.root, f"arn:aws:iam::{OTHER_ACCOUNT}:root"
    get = allow("secretsmanager:GetSecretValue")
    for name, arn in (("lent", key(root, to(theirs, "kms:Decrypt"))), ("kept", key(root))):
        whole = secret(root, name, arn)
        root.client("secretsmanager").put_resource_policy(
            SecretId=whole, ResourcePolicy=policy(to(theirs, "secretsmanager:GetSecretValue"))
        )
        able = user(served.other, f"able-{name}", get, allow("kms:Decrypt")).client("secretsmanager")
        if name == "lent":
            assert able.get_secret_value(SecretId=whole)["SecretString"] == "1234"
            bare = user(served.other, "unable", get).client("secretsmanager")
            with refused("AccessDeniedException", 400, "kms:Decrypt"):
                bare.get_secret_value(SecretId=whole)
        else:
            with refused("AccessDeniedException", 400, "kms:Decrypt"):
                able.get_secret_value(SecretId=whole)
