"""Ways round what a policy refuses, which what stands behind would go: none of them is open."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.client import ACCOUNT, Person
from tests.gateway.served import ServedWorld
from tests.people import allow, deny, refused, user

HERE = f"us-east-1:{ACCOUNT}"
SCHEMA: Any = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def settled(client: Any, arn: str) -> str:
    """How an import has ended."""
    for _ in range(200):
        status: str = client.describe_import(ImportArn=arn)["ImportTableDescription"]["ImportStatus"]
        if status != "IN_PROGRESS":
            return status
        time.sleep(0.02)
    raise AssertionError("the import does not end")


# -- DynamoDB ---------------------------------------------------------------------------------------


def importing(person: Person, table: str, prefix: str | None) -> str:
    source = {"S3Bucket": "vault"} | ({} if prefix is None else {"S3KeyPrefix": prefix})
    answer = person.client("dynamodb").import_table(
        S3BucketSource=source,
        InputFormat="DYNAMODB_JSON",
        TableCreationParameters={"TableName": table, **SCHEMA},
    )
    arn: str = answer["ImportTableDescription"]["ImportArn"]
    return arn


def test_a_table_is_not_imported_from_a_bucket_that_may_not_be_read(served: ServedWorld) -> None:
    root = served.root.client("s3")
    root.create_bucket(Bucket="vault")
    root.put_object(Bucket="vault", Key="open/1", Body=json.dumps({"Item": {"id": {"S": "1"}}}).encode())
    root.put_object(Bucket="vault", Key="shut/1", Body=json.dumps({"Item": {"id": {"S": "2"}}}).encode())
    person = user(
        served.root,
        "importer",
        allow("dynamodb:*"),
        allow("s3:ListBucket", on="arn:aws:s3:::vault", Condition={"StringLike": {"s3:prefix": "open/*"}}),
        allow("s3:GetObject", on="arn:aws:s3:::vault/open/*"),
    )
    for prefix in ("shut/", "open", "", None):
        with refused("AccessDeniedException", 400, "s3:"):
            importing(person, "stolen", prefix)
    assert settled(person.client("dynamodb"), importing(person, "given", "open/")) == "COMPLETED"
    assert person.client("dynamodb").scan(TableName="given")["Items"] == [{"id": {"S": "1"}}]


def test_a_table_is_not_exported_to_a_bucket_that_may_not_be_written(served: ServedWorld) -> None:
    served.root.client("s3").create_bucket(Bucket="archive")
    root = served.root.client("dynamodb")
    arn = root.create_table(TableName="exported", **SCHEMA)["TableDescription"]["TableArn"]
    root.update_continuous_backups(
        TableName="exported", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    person = user(
        served.root,
        "exporter",
        allow("dynamodb:*"),
        allow("s3:PutObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload", on="arn:aws:s3:::archive/own/*"),
    ).client("dynamodb")
    with refused("AccessDeniedException", 400, "s3:PutObject"):
        person.export_table_to_point_in_time(TableArn=arn, S3Bucket="archive", S3Prefix="theirs")
    person.export_table_to_point_in_time(TableArn=arn, S3Bucket="archive", S3Prefix="own")


# -- Secrets Manager --------------------------------------------------------------------------------


def test_secrets_that_a_filter_finds_are_asked_one_by_one(served: ServedWorld) -> None:
    root = served.root.client("secretsmanager")
    for name in ("batch-dev", "batch-prod"):
        root.create_secret(Name=name, SecretString=name)
    person = user(
        served.root,
        "batcher",
        allow("secretsmanager:*"),
        deny("secretsmanager:GetSecretValue", on=f"arn:aws:secretsmanager:{HERE}:secret:batch-prod-*"),
    ).client("secretsmanager")

    def found(value: str) -> list[str]:
        answer = person.batch_get_secret_value(Filters=[{"Key": "name", "Values": [value]}])
        return [each["SecretString"] for each in answer["SecretValues"]]

    assert found("batch-dev") == ["batch-dev"]
    for value in ("batch-prod", "batch-"):
        with refused("AccessDeniedException", 400, "batch-prod"):
            found(value)


# -- EC2 --------------------------------------------------------------------------------------------


def rule(group: str) -> Any:
    return {"GroupId": group, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}


@pytest.mark.parametrize("name", ["database", "sg-database"])
def test_a_security_group_is_not_called_by_its_name_where_its_id_is_meant(
    served: ServedWorld, name: str
) -> None:
    root = served.root.client("ec2")
    network = root.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    group = root.create_security_group(GroupName=name, Description="x", VpcId=network)["GroupId"]
    arn = f"arn:aws:ec2:{HERE}:security-group/{group}"
    person = user(served.root, f"opener-{name}", allow("ec2:*"), deny("ec2:*", on=arn)).client("ec2")
    for called in (group, name):
        with refused("UnauthorizedOperation", 403):
            person.authorize_security_group_ingress(**rule(called))
    with refused("UnauthorizedOperation", 403, group):
        person.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SecurityGroups=[name])


def test_a_launch_template_is_not_called_as_another_one(served: ServedWorld) -> None:
    root = served.root.client("ec2")
    data = {"ImageId": "ami-12c6146b"}
    good = root.create_launch_template(LaunchTemplateName="good", LaunchTemplateData=data)
    id = good["LaunchTemplate"]["LaunchTemplateId"]
    person = user(
        served.root,
        "launcher",
        allow("ec2:*"),
        deny("ec2:RunInstances", on="arn:aws:ec2:*::image/ami-03cf127a"),
    ).client("ec2")
    for name in (id, "good#1#0#ImageId", f"{id}#1#0#ImageId"):
        root.create_launch_template(LaunchTemplateName=name, LaunchTemplateData={"ImageId": "ami-03cf127a"})
        with refused("UnauthorizedOperation", 403, "no name of a launch template"):
            person.run_instances(LaunchTemplate={"LaunchTemplateName": name}, MinCount=1, MaxCount=1)
        with refused("UnauthorizedOperation", 403, "no name of a launch template"):
            person.delete_launch_template(LaunchTemplateName=name)
    person.run_instances(LaunchTemplate={"LaunchTemplateName": "good"}, MinCount=1, MaxCount=1)
