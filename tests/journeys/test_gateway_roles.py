"""The journeys that the gateway is for, each by boto3 and by the AWS command line, in processes of their own.

An application role that does exactly what it says; a bucket of another account by a role and by the bucket's
policy; a data warehouse that unloads by a chain of roles; an instance and a task with what stands behind.
"""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.journeys.asking import Boto3, Client, CommandLine, Refused, Somebody, variables
from tests.journeys.conftest import Running, bare_environment, up
from tests.journeys.instances import workloads
from tests.people import Statement, allow, policy, trusting

HERE, THERE = "123456789012", "222222222222"
SEED = f"""
[[accounts]]
id = "{THERE}"
name = "there"
root_access_key_id = "there_root"
root_secret_access_key = "there_secret"
"""
IMAGE = "ami-12c6146b"

pytestmark = pytest.mark.skipif("JOURNEYS" not in os.environ, reason="takes its time: make journeys")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("home")
    (home / "seed.toml").write_text(SEED)
    with up(bare_environment(home), "--ephemeral", "--seed", str(home / "seed.toml")) as running:
        yield running


@pytest.fixture(params=[Boto3, CommandLine], ids=["boto3", "aws"])
def client(request: pytest.FixtureRequest, server: Running) -> Client:
    """Either; nothing is left of what came before."""
    asking = urllib.request.Request(
        f"{server.endpoint}/_rolekeeper/reset", data=b"", headers={"content-type": "application/json"}
    )
    urllib.request.urlopen(asking).close()
    found: Client = request.param()
    return found


class Account:
    """An administrator of one."""

    def __init__(self, server: Running, client: Client, id: str) -> None:
        self.id, self._server, self._client = id, server, client
        self._keys = ("there_root", "there_secret") if id == THERE else (None, None)
        self.iam = self.at("iam")
        keys = {
            "AccessKeyId": self._keys[0] or server.access_key_id,
            "SecretAccessKey": self._keys[1] or server.secret_access_key,
        }
        self.root = Somebody(server, client, variables(keys))

    def at(self, service: str) -> Any:
        """boto3's client, to set things up."""
        return self._server.client(service, *self._keys)

    def user(self, name: str, *statements: Statement) -> Somebody:
        self.iam.create_user(UserName=name)
        if statements:
            self.iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy(*statements))
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        return Somebody(self._server, self._client, variables(key))

    def role(self, name: str, principal: Any, *statements: Statement) -> str:
        trust = policy(trusting(principal))
        arn: str = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        if statements:
            self.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(*statements))
        return arn

    def bucket(self, name: str, **objects: str) -> str:
        self.at("s3").create_bucket(Bucket=name)
        for key, body in objects.items():
            self.at("s3").put_object(Bucket=name, Key=key, Body=body.encode())
        return name


@pytest.fixture
def here(server: Running, client: Client) -> Account:
    return Account(server, client, HERE)


@pytest.fixture
def there(server: Running, client: Client) -> Account:
    return Account(server, client, THERE)


def refused(who: Somebody, code: str, service: str, operation: str, **members: Any) -> str:
    """Its text."""
    with pytest.raises(Refused) as raised:
        who(service, operation, **members)
    assert raised.value.code == code, raised.value
    return raised.value.text


def order(customer: str) -> dict[str, Any]:
    return {"customer": {"S": customer}}


@pytest.mark.requirement("SR-072")
def test_an_application_does_what_its_role_says_and_nothing_else(here: Account) -> None:
    name = here.bucket("shop", **{"in/a": "A", "in/b": "B", "secret/a": "S"})
    here.at("dynamodb").create_table(
        TableName="orders",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "customer", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "customer", "AttributeType": "S"}],
    )
    url, other = (here.at("sqs").create_queue(QueueName=each)["QueueUrl"] for each in ("jobs", "other"))
    here.at("sqs").send_message(QueueUrl=url, MessageBody="a job")
    place = f"us-east-1:{HERE}"
    arn = here.role(
        "app",
        f"arn:aws:iam::{HERE}:root",
        allow("s3:ListBucket", on=f"arn:aws:s3:::{name}", Condition={"StringLike": {"s3:prefix": "in/*"}}),
        allow("s3:GetObject", on=f"arn:aws:s3:::{name}/in/*"),
        allow(
            "dynamodb:PutItem",
            on=f"arn:aws:dynamodb:{place}:table/orders",
            Condition={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["acme"]}},
        ),
        allow("sqs:ReceiveMessage", on=f"arn:aws:sqs:{place}:jobs"),
    )
    runner = here.user("runner", allow("sts:AssumeRole", on=arn))
    refused(runner, "AccessDenied", "s3", "GetObject", Bucket=name, Key="in/a")
    app = runner.as_role(arn)
    assert app("s3", "GetObject", Bucket=name, Key="in/a")["Body"] == "A"
    listed = app("s3", "ListObjectsV2", Bucket=name, Prefix="in/")["Contents"]
    assert [each["Key"] for each in listed] == ["in/a", "in/b"]
    app("dynamodb", "PutItem", TableName="orders", Item=order("acme"))
    (message,) = app("sqs", "ReceiveMessage", QueueUrl=url)["Messages"]
    assert message["Body"] == "a job"
    for operation, members in (
        ("GetObject", {"Key": "secret/a"}),
        ("ListObjectsV2", {}),
        ("ListObjectsV2", {"Prefix": "secret/"}),
        ("PutObject", {"Key": "in/a", "Body": "x"}),
        ("CopyObject", {"Key": "in/c", "CopySource": f"{name}/secret/a"}),
        ("DeleteObject", {"Key": "in/a"}),
    ):
        refused(app, "AccessDenied", "s3", operation, Bucket=name, **members)
    for operation, members in (
        ("PutItem", {"Item": order("other")}),
        ("GetItem", {"Key": order("acme")}),
        ("Scan", {}),
    ):
        text = refused(app, "AccessDeniedException", "dynamodb", operation, TableName="orders", **members)
        assert f"dynamodb:{operation} on resource" in text
    for operation, members in (
        ("SendMessage", {"QueueUrl": url, "MessageBody": "x"}),
        ("DeleteMessage", {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]}),
        ("ReceiveMessage", {"QueueUrl": other}),
    ):
        assert f"sqs:{operation.lower()}" in refused(app, "AccessDenied", "sqs", operation, **members).lower()
    assert [each["customer"]["S"] for each in here.at("dynamodb").scan(TableName="orders")["Items"]] == [
        "acme"
    ]


@pytest.mark.requirement("SR-106", "SR-108")
def test_a_bucket_of_another_account_by_a_role_and_by_its_policy(here: Account, there: Account) -> None:
    name = here.bucket("data", pic="a picture")
    on = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    reader = here.role("reader", f"arn:aws:iam::{THERE}:root", allow("s3:GetObject", on=on[1]))
    bob = there.user("bob", allow("sts:AssumeRole", on=reader))
    eve = there.user("eve", allow("s3:*"))
    pic = {"Bucket": name, "Key": "pic"}
    assert "sts:AssumeRole" in refused(
        eve, "AccessDenied", "sts", "AssumeRole", RoleArn=reader, RoleSessionName="session"
    )
    refused(bob, "AccessDenied", "s3", "GetObject", **pic)
    as_reader = bob.as_role(reader)
    assert as_reader("s3", "GetObject", **pic)["Body"] == "a picture"
    refused(as_reader, "AccessDenied", "s3", "PutObject", **pic, Body="x")
    refused(eve, "AccessDenied", "s3", "GetObject", **pic)
    opened = {"Effect": "Allow", "Principal": {"AWS": THERE}, "Action": "s3:GetObject", "Resource": on[1]}
    here.root("s3", "PutBucketPolicy", Bucket=name, Policy=policy(opened))
    assert eve("s3", "GetObject", **pic)["Body"] == "a picture"
    refused(eve, "AccessDenied", "s3", "ListObjectsV2", Bucket=name)
    refused(eve, "AccessDenied", "s3", "PutObject", **pic, Body="x")
    refused(bob, "AccessDenied", "s3", "GetObject", **pic)  # his own account has to agree
    here.root("s3", "DeleteBucketPolicy", Bucket=name)
    refused(eve, "AccessDenied", "s3", "GetObject", **pic)


def credentials_of(server: Running, kind: str, id: str, part: str) -> dict[str, str]:
    """What a part of a workload gets at the endpoint for containers."""
    secret = workloads(server).create_workload_secret(Kind=kind, Id=id, Part=part)["Secret"]
    path = "agent/credentials" if part == "agent" else "credentials"
    asking = urllib.request.Request(
        f"{server.endpoint}/_rolekeeper/containers/{path}", headers={"authorization": secret}
    )
    with urllib.request.urlopen(asking) as answer:
        told = json.load(answer)
    return told | {"SessionToken": told["Token"]}


@pytest.mark.requirement("SR-116", "SR-117", "SR-118")
def test_a_data_warehouse_unloads_by_a_chain_of_roles(
    server: Running, client: Client, here: Account, there: Account
) -> None:
    lake = there.bucket("lake")
    b = f"arn:aws:iam::{THERE}:role/RoleB"
    a = here.role("RoleA", {"Service": "redshift.amazonaws.com"}, allow("sts:AssumeRole", on=b))
    there.role("RoleB", a, allow("s3:PutObject", on=f"arn:aws:s3:::{lake}/*"))
    cluster = {
        "ClusterIdentifier": "warehouse",
        "NodeType": "ra3.xlplus",
        "MasterUsername": "boss",
        "MasterUserPassword": "Secret1234",
    }
    making = allow("redshift:CreateCluster", "iam:CreateServiceLinkedRole")
    outsider = here.user("outsider", making)
    text = refused(outsider, "AccessDenied", "redshift", "CreateCluster", **cluster, IamRoles=[a])
    assert f"iam:PassRole on resource: {a}" in text
    tied = {"StringEquals": {"iam:PassedToService": "redshift.amazonaws.com"}}
    dba = here.user("dba", making, allow("iam:PassRole", on=a, Condition=tied))
    refused(dba, "AccessDenied", "redshift", "CreateCluster", **cluster, IamRoles=[b])
    dba("redshift", "CreateCluster", **cluster, IamRoles=[a])
    (attached,) = workloads(server).list_service_roles()["ServiceRoles"]
    assert attached["RoleArn"] == a
    told = credentials_of(server, "service-role", attached["ServiceRoleId"], "application")
    warehouse = Somebody(server, client, variables(told))
    part = {"Bucket": lake, "Key": "part-0"}
    refused(warehouse, "AccessDenied", "s3", "PutObject", **part, Body="1|rex")
    second = warehouse.as_role(b)
    second("s3", "PutObject", **part, Body="1|rex")
    refused(second, "AccessDenied", "s3", "GetObject", **part)
    refused(second, "AccessDenied", "sts", "AssumeRole", RoleArn=a, RoleSessionName="back")
    assert there.root("s3", "GetObject", **part)["Body"] == "1|rex"
    stranger = here.user("stranger", allow("sts:AssumeRole"))
    refused(stranger, "AccessDenied", "sts", "AssumeRole", RoleArn=b, RoleSessionName="session")


@pytest.mark.requirement("SR-071", "SR-085")
def test_an_instance_reads_a_bucket_through_its_profile(here: Account) -> None:
    name, other = here.bucket("photos", pic="a picture"), here.bucket("private", pic="not this")
    arn = here.role(
        "Get-pics", {"Service": "ec2.amazonaws.com"}, allow("s3:GetObject", on=f"arn:aws:s3:::{name}/*")
    )
    here.iam.create_instance_profile(InstanceProfileName="Get-pics")
    here.iam.add_role_to_instance_profile(InstanceProfileName="Get-pics", RoleName="Get-pics")
    launch = {"ImageId": IMAGE, "IamInstanceProfile": {"Name": "Get-pics"}}
    count = {"MinCount": 1, "MaxCount": 1}
    if isinstance(here.root._client, CommandLine):
        count = {"Count": 1}
    launching = allow("ec2:RunInstances", "rolekeeper:*")
    without = here.user("without", launching)
    text = refused(without, "UnauthorizedOperation", "ec2", "RunInstances", **launch, **count)
    assert "Encoded authorization failure message" in text
    developer = here.user("developer", launching, allow("iam:PassRole", on=arn))
    id = developer("ec2", "RunInstances", **launch, **count)["Instances"][0]["InstanceId"]
    refused(developer, "AccessDenied", "s3", "GetObject", Bucket=name, Key="pic")
    application = developer.inside("rolekeeper", "run", "--instance", id, "--")
    who = application("sts", "GetCallerIdentity")["Arn"]
    assert who == f"arn:aws:sts::{HERE}:assumed-role/Get-pics/{id}"
    assert application("s3", "GetObject", Bucket=name, Key="pic")["Body"] == "a picture"
    refused(application, "AccessDenied", "s3", "GetObject", Bucket=other, Key="pic")
    refused(application, "AccessDenied", "s3", "PutObject", Bucket=name, Key="pic", Body="x")
    refused(application, "AccessDenied", "s3", "ListBuckets")


@pytest.mark.requirement("SR-088")
def test_the_application_of_a_task_cannot_use_the_execution_role(
    server: Running, client: Client, here: Account
) -> None:
    tasks = {"Service": "ecs-tasks.amazonaws.com"}
    name = here.bucket("inbox", note="a note")
    made = here.at("secretsmanager").create_secret(Name="db", SecretString="hunter2")["ARN"]
    execution = here.role("execution", tasks, allow("secretsmanager:GetSecretValue", on=made))
    own = here.role("app", tasks, allow("s3:GetObject", on=f"arn:aws:s3:::{name}/*"))
    here.at("ecs").create_cluster(clusterName="main")
    containers = [{"name": "app", "image": "app", "memory": 64}]
    definition = {"family": "app", "containerDefinitions": containers}
    roles = {"taskRoleArn": own, "executionRoleArn": execution}
    making = allow("ecs:RegisterTaskDefinition", "ecs:RunTask", "rolekeeper:*")
    half = here.user("half", making, allow("iam:PassRole", on=own))
    text = refused(half, "AccessDeniedException", "ecs", "RegisterTaskDefinition", **definition, **roles)
    assert f"iam:PassRole on resource: {execution}" in text
    operator = here.user("operator", making, allow("iam:PassRole", on=[own, execution]))
    operator("ecs", "RegisterTaskDefinition", **definition, **roles)
    subnet = here.at("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
    started = operator(
        "ecs",
        "RunTask",
        cluster="main",
        taskDefinition="app",
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": {"subnets": [subnet]}},
    )
    id = started["tasks"][0]["taskArn"].rpartition("/")[2]
    application = operator.inside("rolekeeper", "run", "--task", id, "--")
    assert application("sts", "GetCallerIdentity")["Arn"].endswith(f":assumed-role/app/{id}")
    assert application("s3", "GetObject", Bucket=name, Key="note")["Body"] == "a note"
    asked = {"SecretId": made}
    text = refused(application, "AccessDeniedException", "secretsmanager", "GetSecretValue", **asked)
    assert "assumed-role/app/" in text
    refused(application, "AccessDenied", "sts", "AssumeRole", RoleArn=execution, RoleSessionName="session")
    agent = Somebody(server, client, variables(credentials_of(server, "task", id, "agent")))
    assert agent("secretsmanager", "GetSecretValue", **asked)["SecretString"] == "hunter2"
    refused(agent, "AccessDenied", "s3", "GetObject", Bucket=name, Key="note")
