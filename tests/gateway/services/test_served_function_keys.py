"""Functions and KMS keys: of their code in a bucket, and of their environment, by an unmodified SDK."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from tests.client import ACCOUNT, Person
from tests.gateway.served import ServedWorld
from tests.gateway.services.test_served_object_keys import VIA_S3, bucket, key
from tests.people import allow, deny, refused, role, trusting, user


def function(person: Person, name: str, runner: str, code: dict[str, Any], **more: Any) -> None:
    person.client("lambda").create_function(
        FunctionName=name, Role=runner, Runtime="python3.12", Handler="f.f", Code=code, **more
    )


def zipped() -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("f.py", "")
    return whole.getvalue()


def test_code_in_a_bucket_needs_the_key_that_it_is_under(served: ServedWorld) -> None:
    arn, name = key(served.root), bucket(served.root, "codes")
    served.root.client("s3").put_object(
        Bucket=name, Key="f.zip", Body=zipped(), ServerSideEncryption="aws:kms", SSEKMSKeyId=arn
    )
    runner = role(served.root, "runs", trusting({"Service": "lambda.amazonaws.com"}))
    make, code = allow("lambda:*", "iam:PassRole", "s3:GetObject"), {"S3Bucket": name, "S3Key": "f.zip"}
    with refused("AccessDeniedException", 403, f"kms:Decrypt on resource: {arn}"):
        function(user(served.root, "coder", make), "made", runner, code)
    function(user(served.root, "coder-2", make, allow("kms:Decrypt", Condition=VIA_S3)), "made", runner, code)


def test_the_key_of_an_environment_is_granted_by_who_may_grant_it(served: ServedWorld) -> None:
    arn, code = key(served.root), {"ZipFile": zipped()}
    runner = role(served.root, "runs-too", trusting({"Service": "lambda.amazonaws.com"}))
    make, sealed = allow("lambda:*", "iam:PassRole"), {"KMSKeyArn": arn}
    bare = user(served.root, "bare-coder", make)
    function(bare, "open", runner, code)
    with refused("AccessDeniedException", 403, f"kms:CreateGrant on resource: {arn}"):
        function(bare, "sealed", runner, code, **sealed)
    with refused("AccessDeniedException", 403, "kms:CreateGrant"):
        bare.client("lambda").update_function_configuration(FunctionName="open", **sealed)
    for_aws = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    half = user(served.root, "half-coder", make, allow("kms:CreateGrant", Condition=for_aws))
    with refused("AccessDeniedException", 403, "kms:Encrypt"):
        function(half, "sealed", runner, code, **sealed)
    own = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:sealed"
    of = {
        "StringEquals": {
            "kms:EncryptionContext:aws:lambda:FunctionArn": own,
            "kms:ViaService": "lambda.us-east-1.amazonaws.com",
        }
    }
    able = user(served.root, "able-coder", make, allow("kms:CreateGrant", "kms:Encrypt", Condition=of))
    function(able, "sealed", runner, code, **sealed)


def test_who_sees_a_function_sees_its_environment_whoever_may_use_its_key(served: ServedWorld) -> None:
    runner = role(served.root, "runs-open", trusting({"Service": "lambda.amazonaws.com"}))
    function(
        served.root,
        "shown",
        runner,
        {"ZipFile": zipped()},
        KMSKeyArn=key(served.root),
        Environment={"Variables": {"A": "b"}},
    )
    person = user(served.root, "onlooker", allow("lambda:GetFunctionConfiguration"), deny("kms:*"))
    found = person.client("lambda").get_function_configuration(FunctionName="shown")
    assert found["Environment"]["Variables"] == {"A": "b"}
