"""What requests to RDS ask for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.asking import ACCOUNT, OTHER, REGION, tags
from tests.gateway.services.classified import (
    accesses,
    asks,
    inexact,
    looked_up,
    on,
    refused,
    said,
    whole,
)

RDS = f"arn:aws:rds:{REGION}:{ACCOUNT}"
NEW = {"DBInstanceIdentifier": "mine", "DBInstanceClass": "db.t3.micro", "Engine": "mysql"}
TAGS = [{"Key": "Team", "Value": "a"}]
FAR = f"arn:aws:rds:us-east-1:{OTHER}:snapshot:theirs"


@pytest.mark.parametrize("name", ["", "a:b", "a/b", "prod*", f"{RDS}:cluster:mine", f"{RDS}:db:a:b"])
def test_what_is_no_name_is_refused(name: str) -> None:
    refused("rds", "DeleteDBInstance", DBInstanceIdentifier=name)


def test_what_is_no_source_is_refused() -> None:
    refused("rds", "CopyDBSnapshot", SourceDBSnapshotIdentifier=f"{RDS}:db:x", TargetDBSnapshotIdentifier="b")
    refused("rds", "StartExportTask", SourceArn=f"{RDS}:db:x", ExportTaskIdentifier="e")
    refused("rds", "AddTagsToResource", ResourceName="mine", Tags=TAGS)
    refused("rds", "AddTagsToResource", ResourceName="arn:aws:s3:::mine", Tags=TAGS)


@pytest.mark.parametrize(
    ("operation", "members", "resources"),
    [
        ("DeleteDBInstance", {"DBInstanceIdentifier": "mine"}, ["db:mine"]),
        ("DeleteDBInstance", {"DBInstanceIdentifier": "MINE"}, ["db:mine"]),
        ("DeleteDBInstance", {"DBInstanceIdentifier": f"{RDS}:db:Mine"}, ["db:mine"]),
        ("DescribeDBInstances", {}, ["db:*"]),
        ("DescribeDBInstances", {"DBInstanceIdentifier": "mine"}, ["db:mine"]),
        ("DescribeDBSnapshots", {}, ["snapshot:*"]),
        ("DescribeDBSnapshots", {"DBInstanceIdentifier": "mine"}, ["db:mine"]),
        ("DeleteDBSnapshot", {"DBSnapshotIdentifier": "rds:mine-1"}, ["snapshot:rds:mine-1"]),
        ("CreateDBInstance", NEW, ["db:mine", "og:default:*", "pg:default.*", "subgrp:default"]),
        (
            "CreateDBInstance",
            {**NEW, "DBParameterGroupName": "p", "OptionGroupName": "o", "DBSubnetGroupName": "s"},
            ["db:mine", "og:o", "pg:p", "subgrp:s"],
        ),
        ("CreateDBInstance", {**NEW, "DBClusterIdentifier": "c"}, ["cluster:c", "db:mine"]),
        (
            "CopyDBSnapshot",
            {"SourceDBSnapshotIdentifier": FAR, "TargetDBSnapshotIdentifier": "mine"},
            ["snapshot:mine", FAR],
        ),
        (
            "RestoreDBInstanceFromDBSnapshot",
            {"DBInstanceIdentifier": "mine", "DBSnapshotIdentifier": "snap"},
            ["db:mine", "og:default:*", "pg:default.*", "snapshot:snap", "subgrp:default"],
        ),
        ("DeleteDBCluster", {"DBClusterIdentifier": "c", "SkipFinalSnapshot": True}, ["cluster:c"]),
        (
            "DeleteDBCluster",
            {"DBClusterIdentifier": "c", "FinalDBSnapshotIdentifier": "last"},
            ["cluster:c", "cluster-snapshot:last"],
        ),
        ("ModifyDBInstance", {"DBInstanceIdentifier": "mine", "OptionGroupName": "o"}, ["db:mine", "og:o"]),
        ("StartExportTask", {"SourceArn": f"{RDS}:snapshot:s"}, ["snapshot:s"]),
        ("AddTagsToResource", {"ResourceName": f"{RDS}:og:o", "Tags": TAGS}, ["og:o"]),
        ("DescribeEvents", {}, ["*"]),
        ("CreateGlobalCluster", {"GlobalClusterIdentifier": "g"}, ["global-cluster:g"]),
        (
            "RestoreDBClusterFromSnapshot",
            {"DBClusterIdentifier": "c", "SnapshotIdentifier": f"{RDS}:snapshot:s"},
            ["cluster:c", "cluster-pg:default.*", "og:default:*", "subgrp:default", "snapshot:s"],
        ),
    ],
)
def test_an_operation_is_asked_on_what_it_names(
    operation: str, members: dict[str, Any], resources: list[str]
) -> None:
    assert on("rds", operation, **members) == resources


def test_a_source_elsewhere_does_not_say_where_a_request_is_carried_out() -> None:
    copy = {"SourceDBSnapshotIdentifier": FAR, "TargetDBSnapshotIdentifier": "mine"}
    target, source = accesses("rds", "CopyDBSnapshot", **copy)
    assert (target.type, source.type) == ("snapshot", "")
    restore = {
        "DBInstanceIdentifier": "mine",
        "DBClusterSnapshotIdentifier": FAR.replace("snapshot", "cluster-snapshot"),
    }
    found = accesses("rds", "RestoreDBInstanceFromDBSnapshot", **restore)
    assert (found[0].type, found[-1].type) == ("db", "")


def test_proxies_and_their_groups_are_found_by_their_names() -> None:
    answers = {
        "DescribeDBProxies": {"DBProxies": [{"DBProxyArn": f"{RDS}:db-proxy:prx-1"}]},
        "DescribeDBProxyTargetGroups": {
            "TargetGroups": [{"TargetGroupName": "default", "TargetGroupArn": f"{RDS}:target-group:prx-tg-1"}]
        },
    }
    assert whole("rds", answers, "DeleteDBProxy", DBProxyName="p") == ["db-proxy:prx-1"]
    assert whole("rds", {}, "DeleteDBProxy", DBProxyName="p") == ["db-proxy:*"]
    found = whole("rds", answers, "RegisterDBProxyTargets", DBProxyName="p", DBInstanceIdentifiers=["mine"])
    assert found == ["db:mine", "target-group:prx-tg-1"]
    refused("rds", "DeleteDBProxy", DBProxyName="p#q")


def test_tags_of_what_is_made_are_asked_as_tagging_of_just_that() -> None:
    copy = {"SourceDBSnapshotIdentifier": "old", "TargetDBSnapshotIdentifier": "new"}
    assert asks("rds", "CopyDBSnapshot", **copy, Tags=TAGS) == [
        "rds:CopyDBSnapshot snapshot:old",
        "rds:CopyDBSnapshot snapshot:new",
        "rds:AddTagsToResource snapshot:new",
    ]
    tagged = accesses("rds", "CreateDBInstance", **NEW, Tags=TAGS)[-1]
    assert (tagged.action, tagged.resource) == ("rds:AddTagsToResource", f"{RDS}:db:mine")
    assert tagged.keys["aws:requesttag/team"] == "a"
    assert "rds:createaction" not in tagged.keys
    assert asks("rds", "CreateDBProxy", DBProxyName="p", Tags=TAGS) == [
        "rds:CreateDBProxy *",
        "rds:AddTagsToResource db-proxy:*",
    ]


def test_a_request_says_what_a_database_is_like() -> None:
    found = said("rds", "db", "CreateDBInstance", **NEW, PubliclyAccessible=False, Tags=TAGS)
    assert found["rds:databaseengine"] == "mysql"
    assert found["rds:publiclyaccessible"] == "false"
    assert found["rds:req-tag/team"] == "a"


def test_what_a_database_is_like_that_is_there_is_looked_up() -> None:
    described = {"DBInstanceClass": "db.r5", "MultiAZ": True, "DBSubnetGroup": {"VpcId": "vpc-1"}}
    answers = {"DescribeDBInstances": {"DBInstances": [described]}}
    stop = {"DBInstanceIdentifier": "mine"}
    assert looked_up("rds", "rds:databaseclass", "db", answers, "StopDBInstance", **stop) == "db.r5"
    assert looked_up("rds", "rds:multiaz", "db", answers, "StopDBInstance", **stop) == "true"
    assert looked_up("rds", "rds:vpc", "db", answers, "StopDBInstance", **stop) == "true"
    assert looked_up("rds", "rds:vpc", "db", {}, "StopDBInstance", **stop) is None


def test_tags_are_read_from_what_stands_behind() -> None:
    answers = {"ListTagsForResource": {"TagList": [{"Key": "a", "Value": "b"}]}}
    assert tags("rds", "db", f"{RDS}:db:mine", answers) == {"a": "b"}
    assert tags("rds", "pg", f"{RDS}:pg:default.*", answers) == {}
    answers = {"DescribeGlobalClusters": {"GlobalClusters": [{"TagList": [{"Key": "a", "Value": "b"}]}]}}
    assert tags("rds", "global-cluster", f"arn:aws:rds::{ACCOUNT}:global-cluster:g", answers) == {"a": "b"}
    assert tags("rds", "global-cluster", f"arn:aws:rds::{ACCOUNT}:global-cluster:g", {}) == {}


def test_every_operation_that_the_embedded_backend_has_is_exact_or_on_nothing_in_particular() -> None:
    assert inexact("rds") == dict.fromkeys(
        (
            "CancelExportTask",
            "CreateDBProxy",
            "DescribeEvents",
            "DescribeOptionGroupOptions",
            "DescribeOrderableDBInstanceOptions",
        ),
        "*",
    )
