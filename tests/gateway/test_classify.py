"""Classifying: what must be refused comes first, then what a request asks for by the reference alone."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.errors import ValidationError
from rolekeeper.gateway.asked import Asked, Unclassified, Unclear, Wanted
from rolekeeper.gateway.classify import classify, coverage, missing
from rolekeeper.gateway.plans import compile_plan
from rolekeeper.gateway.rules import Rules
from rolekeeper.wire import model

ACCOUNT, OTHER, REGION = "111122223333", "444455556666", "us-east-1"


def asked(service: str, operation: str, /, **members: Any) -> Asked:
    found = model.service(service)
    return Asked(
        service=found,
        operation=found.operations[operation],
        members=members,
        account=ACCOUNT,
        region=REGION,
        partition="aws",
    )


def by(rules: Rules, request: Asked) -> list[Wanted]:
    return list(compile_plan(rules, request.operation).wanted(request))


def of(prefix: str, service: str, operation: str, /, **members: Any) -> list[tuple[str, str]]:
    """The reference alone, whatever a service's rules say."""
    found = by(Rules(prefix=prefix), asked(service, operation, **members))
    return [(each.action, each.resource) for each in found]


def table(name: str, account: str = ACCOUNT, region: str = REGION) -> str:
    return f"arn:aws:dynamodb:{region}:{account}:table/{name}"


# -- refused ----------------------------------------------------------------------------------------


def test_what_must_be_named_and_is_not_is_never_any_resource() -> None:
    for members in ({}, {"TableName": ""}, {"TableName": None}):
        with pytest.raises(Unclassified):
            of("dynamodb", "dynamodb", "GetItem", **members)


def test_an_operation_that_the_reference_does_not_know_is_refused() -> None:
    with pytest.raises(Unclassified, match="no action `kms:ReEncrypt`"):
        of("kms", "kms", "ReEncrypt", SourceKeyId="a", DestinationKeyId="b")


def test_a_service_that_nobody_knows_is_refused() -> None:
    with pytest.raises(Unclassified):
        classify(asked("rolekeeper", sorted(model.service("rolekeeper").operations)[0]))


def test_a_name_that_reads_as_another_kind_of_resource_is_refused() -> None:
    with pytest.raises(ValidationError, match="not the name of a table"):
        of("dynamodb", "dynamodb", "GetItem", TableName="orders/index/by-date")


def test_an_arn_of_another_kind_is_refused() -> None:
    for arn in (table("orders/index/by-date"), f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders", "arn:aws:dynamodb"):
        with pytest.raises(ValidationError):
            of("dynamodb", "dynamodb", "GetItem", TableName=arn)


def test_an_arn_of_another_partition_is_refused() -> None:
    arn = table("orders").replace("arn:aws:", "arn:aws-cn:")
    with pytest.raises(ValidationError, match="partition"):
        of("dynamodb", "dynamodb", "GetItem", TableName=arn)


def test_a_parent_with_a_separator_is_refused() -> None:
    with pytest.raises(ValidationError, match="has `/`"):
        by(
            Rules(prefix="dynamodb", types={"Query": ("index",)}),
            asked("dynamodb", "Query", TableName="a/index/b", IndexName="c"),
        )


def test_an_arn_that_disagrees_with_its_parent_is_refused() -> None:
    rules = Rules(prefix="ecs", fills={"ServiceName": "service", "ClusterName": "cluster"})
    arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/dev/web"
    with pytest.raises(ValidationError, match="`prod`"):
        by(rules, asked("ecs", "UpdateService", cluster="prod", service=arn))


def test_a_resource_of_no_kind_that_the_action_has_is_refused() -> None:
    with pytest.raises(Unclassified):
        of("ecs", "ecs", "TagResource", resourceArn=f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders", tags=[])


def test_one_of_several_that_is_not_understood_is_refused() -> None:
    good, bad = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/prod", f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"
    assert len(of("ecs", "ecs", "DescribeClusters", clusters=["dev", good])) == 2
    with pytest.raises(ValidationError, match="sqs"):
        of("ecs", "ecs", "DescribeClusters", clusters=["dev", bad])
    tagging = "resourcegroupstaggingapi"
    rules = Rules(prefix="ecs", actions={"TagResources": ("TagResource",)})
    assert len(by(rules, asked(tagging, "TagResources", ResourceARNList=[good], Tags={}))) == 1
    with pytest.raises(Unclassified, match="sqs"):
        by(rules, asked(tagging, "TagResources", ResourceARNList=[good, bad], Tags={}))


def test_another_account_s_resource_is_not_reached_where_an_action_has_none() -> None:
    rules = Rules(prefix="sns", types={"Publish": ()})
    for account, refused in ((OTHER, True), (ACCOUNT, False)):
        request = asked("sns", "Publish", TargetArn=f"arn:aws:sns:{REGION}:{account}:endpoint/GCM/a/b")
        if refused:
            with pytest.raises(ValidationError, match="another account"):
                by(rules, request)
        else:
            assert by(rules, request)[0].resource == "*"


def test_a_fill_that_the_operation_has_not_is_refused() -> None:
    rules = Rules(prefix="dynamodb", fills={"GetItem.TableName": "Table"})
    with pytest.raises(Unclassified, match="no `Table`"):
        by(rules, asked("dynamodb", "GetItem", TableName="a"))


def test_a_kind_that_the_reference_has_not_is_refused() -> None:
    rules = Rules(prefix="dynamodb", types={"GetItem": ("tabel",)})
    with pytest.raises(Unclassified, match="`tabel`"):
        by(rules, asked("dynamodb", "GetItem", TableName="a"))


def test_an_account_that_is_none_is_refused() -> None:
    rules = Rules(prefix="ecr", fills={"Account": "registryId"})
    with pytest.raises(ValidationError, match="account"):
        by(rules, asked("ecr", "DescribeImages", registryId="*", repositoryName="a"))


def test_a_request_that_is_not_clear_is_another_thing_than_an_operation_that_is_not_known() -> None:
    for members in ({}, {"WorkGroup": ""}):
        with pytest.raises(Unclear):
            classify(asked("athena", "DeleteWorkGroup", **members))
    with pytest.raises(ValidationError):
        classify(asked("athena", "DeleteWorkGroup", WorkGroup="arn:aws:s3:::photos"))
    with pytest.raises(Unclassified) as unknown:
        classify(asked("s3", "RenameObject", Bucket="photos", Key="a", RenameSource="b"))
    assert not isinstance(unknown.value, Unclear)


# -- by name ----------------------------------------------------------------------------------------


def test_a_resource_is_named_by_the_member_of_the_same_name() -> None:
    assert of("dynamodb", "dynamodb", "GetItem", TableName="orders") == [
        ("dynamodb:GetItem", table("orders"))
    ]
    assert of("kms", "kms", "DescribeKey", KeyId="1234") == [
        ("kms:DescribeKey", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234")
    ]


def test_several_names_are_several_resources() -> None:
    found = of("ec2", "ec2", "TerminateInstances", InstanceIds=["i-1", "i-2", "i-1"])
    arn = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/"
    assert [resource for _, resource in found] == [arn + "i-1", arn + "i-2", arn + "i-1"]


def test_what_is_asked_twice_is_asked_once() -> None:
    found = classify(asked("ec2", "TerminateInstances", InstanceIds=["i-1", "i-1"]))
    assert len(found) == 1


def test_a_member_called_as_the_kind_is_its_name() -> None:
    assert of("ecs", "ecs", "DeleteCluster", cluster="prod") == [
        ("ecs:DeleteCluster", f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/prod")
    ]
    assert of("sns", "sns", "CreateTopic", Name="news") == [
        ("sns:CreateTopic", f"arn:aws:sns:{REGION}:{ACCOUNT}:news")
    ]


def test_a_date_is_no_part_of_an_operation_s_name() -> None:
    assert of("cloudfront", "cloudfront", "DeleteDistribution", Id="E1") == [
        ("cloudfront:DeleteDistribution", f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1")
    ]


def test_services_whose_actions_begin_otherwise() -> None:
    (found,) = classify(asked("iot-data", "Publish", topic="a/b"))
    assert (found.action, found.resource) == ("iot:Publish", f"arn:aws:iot:{REGION}:{ACCOUNT}:topic/a/b")
    (found,) = classify(asked("resourcegroupstaggingapi", "GetResources"))
    assert (found.action, found.resource) == ("tag:GetResources", "*")
    with pytest.raises(Unclassified):
        classify(asked("resourcegroupstaggingapi", "TagResources", ResourceARNList=[], Tags={}))


def test_an_action_without_resources_is_asked_on_any() -> None:
    assert of("dynamodb", "dynamodb", "ListTables") == [("dynamodb:ListTables", "*")]
    assert of("ec2", "ec2", "DescribeInstances", InstanceIds=["i-1"]) == [("ec2:DescribeInstances", "*")]


# -- by ARN -----------------------------------------------------------------------------------------


def test_an_arn_keeps_its_account() -> None:
    found = of("dynamodb", "dynamodb", "GetItem", TableName=table("orders", OTHER))
    assert found == [("dynamodb:GetItem", table("orders", OTHER))]


def test_an_arn_of_another_region_is_asked_in_this_one_too() -> None:
    found = of("dynamodb", "dynamodb", "GetItem", TableName=table("orders", region="eu-west-1"))
    assert [arn for _, arn in found] == [table("orders", region="eu-west-1"), table("orders")]


def test_two_members_that_name_the_kind_are_both_asked() -> None:
    stream = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/"
    found = of("kinesis", "kinesis", "PutRecord", StreamName="a", StreamARN=stream + "b")
    assert [arn for _, arn in found] == [stream + "a", stream + "b"]


def test_the_arn_of_any_resource_says_which_kind_it_is() -> None:
    arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/prod"
    (found,) = by(Rules(prefix="ecs"), asked("ecs", "TagResource", resourceArn=arn))
    assert (found.type, found.resource) == ("cluster", arn)


def test_a_parent_may_be_an_arn() -> None:
    rules = Rules(prefix="ecs")
    cluster = f"arn:aws:ecs:{REGION}:{OTHER}:cluster/prod"
    (found,) = by(rules, asked("ecs", "UpdateService", cluster=cluster, service="web"))
    assert found.resource == f"arn:aws:ecs:{REGION}:{OTHER}:service/prod/web"


# -- rules ------------------------------------------------------------------------------------------


def test_rules_name_the_action() -> None:
    rules = Rules(prefix="lambda", actions={"Invoke": ("InvokeFunction",)})
    (found,) = by(rules, asked("lambda", "Invoke", FunctionName="f"))
    assert (found.action, found.resource) == (
        "lambda:InvokeFunction",
        f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f",
    )


def test_several_actions_are_several_accesses() -> None:
    rules = Rules(prefix="dynamodb", actions={"PutItem": ("PutItem", "UpdateItem")})
    found = by(rules, asked("dynamodb", "PutItem", TableName="a"))
    assert [each.action for each in found] == ["dynamodb:PutItem", "dynamodb:UpdateItem"]


def test_no_types_are_any_resource() -> None:
    (found,) = by(Rules(prefix="dynamodb", types={"GetItem": ()}), asked("dynamodb", "GetItem"))
    assert found.resource == "*"


def test_fills_are_paths_firsts_and_functions() -> None:
    for fill in ("Key.Table", ("Nothing", "TableName"), lambda request: request.members["TableName"]):
        rules = Rules(prefix="dynamodb", fills={"TableName": fill})
        (found,) = by(rules, asked("dynamodb", "GetItem", TableName="a", Key={}))
        assert found.resource == table("a")


def test_a_function_may_say_any_name() -> None:
    rules = Rules(prefix="ec2", fills={"CreateVpc.VpcId": lambda request: "*"})
    found = by(rules, asked("ec2", "CreateVpc", CidrBlock="10.0.0.0/16"))
    assert f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc/*" in [each.resource for each in found]


def test_the_account_may_be_in_the_request() -> None:
    rules = Rules(prefix="ecr", fills={"Account": "registryId"})
    (found,) = by(rules, asked("ecr", "DescribeImages", registryId=OTHER, repositoryName="a/b"))
    assert found.resource == f"arn:aws:ecr:{REGION}:{OTHER}:repository/a/b"
    (found,) = by(rules, asked("ecr", "DescribeImages", repositoryName="a/b"))
    assert found.resource == f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/a/b"


async def _whole(*_: Any) -> str | None:
    return None


def test_what_is_completed_says_what_the_request_calls_it() -> None:
    rules = Rules(prefix="kms", completions={"key": _whole})
    alias = f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/app"
    for name in ("alias/app", alias):
        (found,) = by(rules, asked("kms", "DescribeKey", KeyId=name))
        assert found.named == name


def test_a_special_way_is_given_the_same_keys() -> None:
    rules = Rules(
        prefix="dynamodb",
        special={"GetItem": lambda request: [Wanted(action="dynamodb:GetItem", resource="*")]},
        keys=lambda request: {"dynamodb:select": "COUNT"},
    )
    (found,) = by(rules, asked("dynamodb", "GetItem"))
    assert found.keys == {"dynamodb:select": "COUNT"}


# -- keys -------------------------------------------------------------------------------------------


def test_keys_of_another_kind_of_resource_are_withheld() -> None:
    rules = Rules(
        prefix="ec2",
        types={"RunInstances": ("image", "instance")},
        fills={"InstanceId": lambda request: "*"},
        keys=lambda request: {"ec2:instancetype": "t3.micro", "ec2:region": REGION},
    )
    image, instance = by(rules, asked("ec2", "RunInstances", ImageId="ami-1"))
    assert image.keys == {"ec2:region": REGION}
    assert instance.keys == {"ec2:instancetype": "t3.micro", "ec2:region": REGION}


# -- coverage ---------------------------------------------------------------------------------------


def test_coverage_is_told_without_a_request() -> None:
    found = coverage("dynamodb")
    assert found["GetItem"] == "exact"
    assert found["ListTables"] == "any"
    assert found["StartBulkPutItems"] == "not"
    assert "no action" in missing("dynamodb")["StartBulkPutItems"]
    assert found.keys() == model.service("dynamodb").operations.keys()
