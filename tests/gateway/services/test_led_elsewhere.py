"""Members that lead what stands behind to more than the request was asked on: that is asked too."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.client import ACCOUNT
from tests.gateway.served import ServedWorld
from tests.people import allow, deny, refused, user

HERE = f"us-east-1:{ACCOUNT}"


# -- CloudFormation ---------------------------------------------------------------------------------


def test_a_stack_shows_nothing_of_a_bucket_that_may_not_be_read(served: ServedWorld) -> None:
    root = served.root.client("s3")
    template = json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}})
    for bucket in ("drawings", "blueprints"):
        root.create_bucket(Bucket=bucket)
        root.put_object(Bucket=bucket, Key="t.json", Body=template.encode())
    root.put_object(Bucket="drawings", Key="blueprints/t.json", Body=template.encode())
    builder = user(
        served.root,
        "builder",
        allow("cloudformation:*"),
        allow("s3:GetObject", on="arn:aws:s3:::drawings/*"),
    ).client("cloudformation")
    host = "s3.us-east-1.amazonaws.com"
    for url in (
        f"https://{host}/blueprints/t.json",
        f"https://blueprints.{host}/t.json",
        "http://localhost:4566/blueprints/t.json",
        "http://blueprints.localhost:4566/t.json",
        "https://blueprints.example.com/t.json",
        f"https://{host}/blueprints/t.json?versionId=1",
    ):
        for call in (
            lambda url=url: builder.create_stack(StackName="taken", TemplateURL=url),
            lambda url=url: builder.create_change_set(StackName="taken", ChangeSetName="a", TemplateURL=url),
            lambda url=url: builder.create_stack_set(StackSetName="taken", TemplateURL=url),
            lambda url=url: builder.validate_template(TemplateURL=url),
            lambda url=url: builder.get_template_summary(TemplateURL=url),
        ):
            with pytest.raises(ClientError, match=r"s3:GetObject|must be a supported URL"):
                call()
    builder.create_stack(StackName="given", TemplateURL=f"https://{host}/drawings/t.json")
    with refused("AccessDenied", 403, "s3:GetObject"):
        builder.set_stack_policy(StackName="given", StackPolicyURL=f"https://{host}/blueprints/t.json")


def test_the_address_of_a_template_means_one_object_to_everybody(served: ServedWorld) -> None:
    """To the embedded backend the first part of the path is the bucket where `localhost` is anywhere."""
    root = served.root.client("s3")
    for bucket, name in (("sketches", "mine"), ("plans", "theirs")):
        root.create_bucket(Bucket=bucket)
        template = json.dumps({"Description": name, "Resources": {"Q": {"Type": "AWS::SQS::Queue"}}})
        key = "plans/localhost.json" if bucket == "sketches" else "localhost.json"
        root.put_object(Bucket=bucket, Key=key, Body=template.encode())
    reader = user(
        served.root,
        "sketcher",
        allow("cloudformation:ValidateTemplate"),
        allow("s3:GetObject", on="arn:aws:s3:::sketches/*"),
    ).client("cloudformation")
    for url in (
        "https://sketches.s3.amazonaws.com/plans/localhost.json",
        "https://s3.amazonaws.com/sketches/plans/localhost.json",
        "http://sketches.localhost:4566/plans/localhost.json",
    ):
        assert reader.validate_template(TemplateURL=url)["Description"] == "mine"


# -- CloudWatch -------------------------------------------------------------------------------------


def test_a_prefix_beside_the_names_of_alarms_shows_no_others(served: ServedWorld) -> None:
    for name in ("own", "others"):
        served.root.client("cloudwatch").put_metric_alarm(
            AlarmName=name,
            MetricName="m",
            Namespace="n",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="LessThanThreshold",
            Statistic="Sum",
            AlarmActions=["arn:aws:sns:us-east-1:111111111111:t"],
        )
    watcher = user(
        served.root, "watcher", allow("cloudwatch:DescribeAlarms", on=f"arn:aws:cloudwatch:{HERE}:alarm:own")
    ).client("cloudwatch")
    found = watcher.describe_alarms(AlarmNames=["own"])["MetricAlarms"]
    assert [each["AlarmName"] for each in found] == ["own"]
    for more in ({"AlarmNamePrefix": "oth"}, {"ActionPrefix": "arn"}):
        with pytest.raises(ClientError, match=r"alarm:\* because"):
            watcher.describe_alarms(AlarmNames=["own"], **more)


# -- Logs -------------------------------------------------------------------------------------------


def test_a_group_is_not_exported_to_a_bucket_that_may_not_be_written(served: ServedWorld) -> None:
    root = served.root
    for bucket in ("logbook", "ledger"):
        root.client("s3").create_bucket(Bucket=bucket)
    root.client("logs").create_log_group(logGroupName="exported")
    root.client("logs").create_log_stream(logGroupName="exported", logStreamName="s")
    keeper = user(
        root,
        "log-keeper",
        allow("logs:CreateExportTask", on=f"arn:aws:logs:{HERE}:log-group:exported:*"),
        allow("s3:PutObject", on=["arn:aws:s3:::logbook/own/*", "arn:aws:s3:::logbook/exportedlogs/*"]),
    ).client("logs")

    def export(bucket: str, **more: str) -> None:
        keeper.create_export_task(logGroupName="exported", fromTime=0, to=1, destination=bucket, **more)

    for bucket, prefix in (("ledger", "own"), ("logbook", "theirs"), ("logbook", "own*")):
        with refused("AccessDeniedException", 400, "s3:PutObject"):
            export(bucket, destinationPrefix=prefix)
    with refused("AccessDeniedException", 400, "s3:PutObject"):
        export("ledger")
    export("logbook", destinationPrefix="own")
    export("logbook")
    found = root.client("s3").list_objects_v2(Bucket="logbook")["Contents"]
    assert {each["Key"].split("/")[0] for each in found} >= {"own", "exportedlogs"}


# -- EventBridge ------------------------------------------------------------------------------------


def test_a_rule_is_not_tagged_for_its_namesake_on_another_bus(served: ServedWorld) -> None:
    events = served.root.client("events")
    events.create_event_bus(Name="orders")
    for bus in ("default", "orders"):
        events.put_rule(Name="nightly", EventBusName=bus, EventPattern='{"source": ["a"]}')
    events.put_rule(Name="alone", EventBusName="orders", EventPattern='{"source": ["a"]}')
    rule = f"arn:aws:events:{HERE}:rule"
    tagger = user(
        served.root,
        "tagger",
        allow("events:TagResource", "events:UntagResource", on=f"{rule}/orders/*"),
        allow("events:DeleteRule", Condition={"StringEquals": {"aws:ResourceTag/team": "a"}}),
    ).client("events")
    tags = [{"Key": "team", "Value": "a"}]
    with refused("AccessDeniedException", 400, f"{rule}/nightly"):
        tagger.tag_resource(ResourceARN=f"{rule}/orders/nightly", Tags=tags)
    with refused("AccessDeniedException", 400, f"{rule}/nightly"):
        tagger.untag_resource(ResourceARN=f"{rule}/orders/nightly", TagKeys=["team"])
    tagger.tag_resource(ResourceARN=f"{rule}/orders/alone", Tags=tags)
    tagger.delete_rule(Name="alone", EventBusName="orders")
    events.tag_resource(ResourceARN=f"{rule}/nightly", Tags=tags)
    with refused("ValidationException", 400, "is the name of"):
        tagger.delete_rule(Name="nightly", EventBusName="orders")


# -- RDS --------------------------------------------------------------------------------------------


def test_neither_a_filter_nor_a_new_name_leads_to_another_database(served: ServedWorld) -> None:
    root = served.root.client("rds")
    made = {"DBInstanceClass": "db.t3.micro", "Engine": "mysql", "AllocatedStorage": 10}
    for name in ("red-db", "blue-db"):
        root.create_db_instance(
            DBInstanceIdentifier=name, MasterUsername=name, MasterUserPassword="password1", **made
        )
        root.create_db_cluster(
            DBClusterIdentifier=f"{name}-c",
            Engine="aurora-mysql",
            MasterUsername=name,
            MasterUserPassword="password1",
        )
    mine = [f"arn:aws:rds:{HERE}:{kind}:red-*" for kind in ("db", "cluster")]
    dba = user(served.root, "red-dba", allow("rds:*", on=mine)).client("rds")
    for call, wanted in (
        (dba.describe_db_instances, {"DBInstanceIdentifier": "red-db"}),
        (dba.describe_db_clusters, {"DBClusterIdentifier": "red-db-c"}),
    ):
        assert call(**wanted)
        for filter in ("db-instance-id", "db-cluster-id"):
            with pytest.raises(ClientError) as caught:
                call(**wanted, Filters=[{"Name": filter, "Values": ["blue-db", "blue-db-c"]}])
            assert "blue-db" not in json.dumps(caught.value.response) or "not authorized" in str(caught.value)
    with pytest.raises(ClientError, match="db:blue-db because"):
        dba.modify_db_instance(DBInstanceIdentifier="red-db", NewDBInstanceIdentifier="Blue-db")
    with pytest.raises(ClientError, match="cluster:blue-db-c because"):
        dba.modify_db_cluster(DBClusterIdentifier="red-db-c", NewDBClusterIdentifier="blue-db-c")
    dba.modify_db_instance(DBInstanceIdentifier="red-db", NewDBInstanceIdentifier="red-db-2")
    assert (
        root.describe_db_instances(DBInstanceIdentifier="blue-db")["DBInstances"][0]["MasterUsername"]
        == "blue-db"
    )


# -- Auto Scaling -----------------------------------------------------------------------------------


def test_what_is_put_for_one_group_does_not_take_the_place_of_another_groups(served: ServedWorld) -> None:
    root = served.root.client("autoscaling")
    ami = served.root.client("ec2").describe_images()["Images"][0]["ImageId"]
    root.create_launch_configuration(LaunchConfigurationName="l", ImageId=ami, InstanceType="t3.micro")
    sizes = {"MinSize": 0, "MaxSize": 1, "AvailabilityZones": ["us-east-1a"]}
    for name in ("web", "db"):
        root.create_auto_scaling_group(AutoScalingGroupName=name, LaunchConfigurationName="l", **sizes)
    put = {"PolicyType": "SimpleScaling", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1}
    root.put_scaling_policy(AutoScalingGroupName="db", PolicyName="up", **put)
    root.put_scheduled_update_group_action(AutoScalingGroupName="db", ScheduledActionName="night", MinSize=0)
    own = f"arn:aws:autoscaling:{HERE}:autoScalingGroup:*:autoScalingGroupName/web"
    scaler = user(served.root, "web-scaler", allow("autoscaling:Put*", "autoscaling:Batch*", on=own)).client(
        "autoscaling"
    )
    change = {"AutoScalingGroupName": "web"}
    actions = [{"ScheduledActionName": "night", "MinSize": 0}]
    for call in (
        lambda: scaler.put_scaling_policy(PolicyName="up", **change, **put),
        lambda: scaler.put_scheduled_update_group_action(ScheduledActionName="night", MinSize=0, **change),
        lambda: scaler.batch_put_scheduled_update_group_action(ScheduledUpdateGroupActions=actions, **change),
    ):
        with pytest.raises(ClientError, match="autoScalingGroupName/db because"):
            call()
    scaler.put_scaling_policy(PolicyName="web-up", **change, **put)
    scaler.put_scheduled_update_group_action(ScheduledActionName="web-night", MinSize=0, **change)


# -- services of which nothing is said ---------------------------------------------------------------


def test_what_a_tag_forbids_is_forbidden_in_every_service(served: ServedWorld) -> None:
    files = served.root.client("efs")
    made = {
        team: files.create_file_system(CreationToken=team, Tags=[{"Key": "team", "Value": team}])[
            "FileSystemId"
        ]
        for team in ("a", "b")
    }
    theirs = {"StringEquals": {"aws:ResourceTag/team": "b"}}
    ann = user(
        served.root,
        "file-keeper",
        allow("elasticfilesystem:*"),
        deny("elasticfilesystem:DeleteFileSystem", Condition=theirs),
    ).client("efs")
    with refused("AccessDeniedException", 403, "explicit deny"):
        ann.delete_file_system(FileSystemId=made["b"])
    files.tag_resource(ResourceId=made["a"], Tags=[{"Key": "team", "Value": "b"}])
    with refused("AccessDeniedException", 403, "explicit deny"):
        ann.delete_file_system(FileSystemId=made["a"])
    files.tag_resource(ResourceId=made["a"], Tags=[{"Key": "team", "Value": "a"}])
    ann.delete_file_system(FileSystemId=made["a"])
