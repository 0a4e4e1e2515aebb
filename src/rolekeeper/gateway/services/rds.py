"""RDS: instances, clusters, snapshots and groups, which are called by names, in lower case, or by ARNs.

The rule of this file: what is copied or restored is asked beside what is made of it. Groups that a request
does not say are the default ones, which AWS asks for too; of their names only the beginning is known. What a
filter names beside a name is asked too, because a backend may show both; and so is what has a new name
already, because a backend may put one in the place of the other.
Source: "Actions, resources, and condition keys for Amazon RDS" in the Service Authorization Reference;
"Identity-based policy examples for Amazon RDS" and "Tagging Amazon RDS resources" in the RDS User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from rolekeeper.errors import ValidationError
from rolekeeper.gateway.asked import Asked, Unclear, Wanted
from rolekeeper.gateway.database_places import (
    by_its_id,
    default,
    filtered,
    in_filter,
    kind_of,
    only_arns,
    source,
    unless_in_cluster,
)
from rolekeeper.gateway.ec2.keys import at
from rolekeeper.gateway.ec2.launching import word
from rolekeeper.gateway.rules import Besides, KeyOf, Lookups, Rules
from rolekeeper.gateway.services.tables import (
    NAME,
    NEW,
    Named,
    Place,
    Table,
    part_of_name,
    values,
)
from rolekeeper.policy import catalog
from rolekeeper.policy.context import KeyValue
from rolekeeper.service.call import Resource


def _proxy(asked: Asked) -> Iterator[str]:
    for name in values(asked.members, "DBProxyName"):
        yield Named(part_of_name("proxy", name))


def _group_of_targets(asked: Asked) -> Iterator[str]:
    group = part_of_name("target-group", asked.members.get("TargetGroupName") or "default")
    for name in values(asked.members, "DBProxyName"):
        yield Named(f"{part_of_name('proxy', name)}#{group}")


_OG = (default("default:*", "OptionGroupName"),)
_PG = (default("default.*", "DBParameterGroupName"),)
_SUBGRP = (default("default", "DBSubnetGroupName"),)
_CLUSTER_PG = (default("default.*", "DBClusterParameterGroupName"),)
_GROUPS: Mapping[str, tuple[Place, ...]] = {"og": _OG, "pg": _PG, "subgrp": _SUBGRP}
_OF_CLUSTER: Mapping[str, tuple[Place, ...]] = {"og": _OG, "cluster-pg": _CLUSTER_PG, "subgrp": _SUBGRP}
_EXPORTED = ("cluster", "cluster-snapshot", "snapshot")
_SOURCE_ARN: Mapping[str, tuple[Place, ...]] = {
    kind: (source(kind, "SourceArn", *_EXPORTED),) for kind in _EXPORTED
}


def _shard_groups(asked: Asked) -> Iterator[str]:
    yield from map(Named, values(asked.members, "DBShardGroupIdentifier"))
    yield from map(Named, in_filter(asked, "db-shard-group-id"))


_NEW_INSTANCE = {kind: (unless_in_cluster(places[0]),) for kind, places in _GROUPS.items()}

TABLE = Table(
    prefix="rds",
    lower=True,
    places={
        "auto-backup": ("DBInstanceAutomatedBackupsArn",),
        "cluster": (
            *("DBClusterIdentifier", "DbClusterIdentifier", "DBClusterIdentifiers"),
            filtered("db-cluster-id"),
        ),
        "cluster-endpoint": ("DBClusterEndpointIdentifier",),
        "cluster-pg": ("DBClusterParameterGroupName",),
        "cluster-snapshot": ("DBClusterSnapshotIdentifier", filtered("db-cluster-snapshot-id")),
        "db": ("DBInstanceIdentifier", "DBInstanceIdentifiers", filtered("db-instance-id")),
        "db-capacity-reservation": ("DBCapacityReservationIdentifier",),
        "deployment": ("BlueGreenDeploymentIdentifier", filtered("blue-green-deployment-identifier")),
        "es": ("SubscriptionName",),
        "global-cluster": ("GlobalClusterIdentifier",),
        "og": ("OptionGroupName",),
        "pg": ("DBParameterGroupName",),
        "proxy": (_proxy,),
        "secgrp": ("DBSecurityGroupName", "DBSecurityGroups"),
        "shardgrp": (_shard_groups,),
        "snapshot": ("DBSnapshotIdentifier", filtered("db-snapshot-id")),
        "subgrp": ("DBSubnetGroupName",),
        "target-group": (_group_of_targets,),
    },
    own={
        "CopyDBClusterParameterGroup": {
            "cluster-pg": (
                source("cluster-pg", "SourceDBClusterParameterGroupIdentifier"),
                "TargetDBClusterParameterGroupIdentifier",
            )
        },
        "CopyDBClusterSnapshot": {
            "cluster-snapshot": (
                source("cluster-snapshot", "SourceDBClusterSnapshotIdentifier"),
                "TargetDBClusterSnapshotIdentifier",
            )
        },
        "CopyDBParameterGroup": {
            "pg": (source("pg", "SourceDBParameterGroupIdentifier"), "TargetDBParameterGroupIdentifier")
        },
        "CopyOptionGroup": {
            "og": (source("og", "SourceOptionGroupIdentifier"), "TargetOptionGroupIdentifier")
        },
        "CopyDBSnapshot": {
            "snapshot": (source("snapshot", "SourceDBSnapshotIdentifier"), "TargetDBSnapshotIdentifier")
        },
        "CreateBlueGreenDeployment": {
            "cluster": (source("cluster", "Source", "db"),),
            "cluster-pg": ("TargetDBClusterParameterGroupName",),
            "db": (source("db", "Source", "cluster"),),
            "pg": ("TargetDBParameterGroupName",),
        },
        "CreateDBCluster": {
            **_OF_CLUSTER,
            "cluster": ("DBClusterIdentifier", source("cluster", "ReplicationSourceIdentifier", "db")),
            "db": (only_arns(source("db", "ReplicationSourceIdentifier", "cluster")),),
        },
        "CreateDBInstance": _NEW_INSTANCE,
        "CreateDBInstanceReadReplica": {
            **_GROUPS,
            "cluster": (source("cluster", "SourceDBClusterIdentifier"),),
            "db": ("DBInstanceIdentifier", source("db", "SourceDBInstanceIdentifier")),
        },
        "CreateGlobalCluster": {"cluster": (source("cluster", "SourceDBClusterIdentifier"),)},
        "DeleteDBCluster": {"cluster-snapshot": ("FinalDBSnapshotIdentifier",)},
        "DescribeExportTasks": _SOURCE_ARN,
        "FailoverGlobalCluster": {"cluster": (source("cluster", "TargetDbClusterIdentifier"),)},
        "SwitchoverGlobalCluster": {"cluster": (source("cluster", "TargetDbClusterIdentifier"),)},
        "FailoverDBCluster": {"db": ("TargetDBInstanceIdentifier",)},
        "ModifyDBCluster": {"pg": ("DBInstanceParameterGroupName",)},
        "RestoreDBClusterFromSnapshot": {
            **_OF_CLUSTER,
            "cluster-snapshot": (source("cluster-snapshot", "SnapshotIdentifier", "snapshot"),),
            "snapshot": (only_arns(source("snapshot", "SnapshotIdentifier", "cluster-snapshot")),),
        },
        "RestoreDBClusterToPointInTime": {
            **_OF_CLUSTER,
            "cluster": (
                "DBClusterIdentifier",
                source("cluster", "SourceDBClusterIdentifier"),
                by_its_id("SourceDbClusterResourceId"),
            ),
        },
        "RestoreDBInstanceFromDBSnapshot": {
            **_GROUPS,
            "cluster-snapshot": (source("cluster-snapshot", "DBClusterSnapshotIdentifier"),),
            "snapshot": (source("snapshot", "DBSnapshotIdentifier"),),
        },
        "RestoreDBInstanceToPointInTime": {
            **_GROUPS,
            "auto-backup": ("SourceDBInstanceAutomatedBackupsArn",),
            "db": (
                "TargetDBInstanceIdentifier",
                source("db", "SourceDBInstanceIdentifier"),
                by_its_id("SourceDbiResourceId"),
            ),
        },
        "StartExportTask": _SOURCE_ARN,
    },
    made={"CreateBlueGreenDeployment": ("deployment",)},
    names={
        "cluster-snapshot": r"(?:(?:rds|awsbackup):)?[A-Za-z0-9_.-]+",
        "og": r"(?:default:)?[A-Za-z0-9_.-]+",
        "snapshot": r"(?:(?:rds|awsbackup):)?[A-Za-z0-9_.-]+",
        "subgrp": r"[A-Za-z0-9_. -]+",
    },
    optional={
        "CreateDBInstanceReadReplica": ("cluster",),
        "CreateGlobalCluster": ("cluster",),
        "DeleteDBCluster": ("cluster-snapshot",),
        "DeregisterDBProxyTargets": ("cluster", "db"),
    },
    everything={"DescribeDBClusterSnapshots": "cluster-snapshot", "DescribeDBSnapshots": "snapshot"},
    tagging="AddTagsToResource",
    tagged={
        "CopyDBClusterParameterGroup": ("cluster-pg",),
        "CopyDBClusterSnapshot": ("cluster-snapshot",),
        "CopyDBParameterGroup": ("pg",),
        "CopyDBSnapshot": ("snapshot",),
        "CopyOptionGroup": ("og",),
        "CreateDBCluster": ("cluster",),
        "CreateDBClusterEndpoint": ("cluster-endpoint",),
        "CreateDBClusterParameterGroup": ("cluster-pg",),
        "CreateDBClusterSnapshot": ("cluster-snapshot",),
        "CreateDBInstance": ("db",),
        "CreateDBInstanceReadReplica": ("db",),
        "CreateDBParameterGroup": ("pg",),
        "CreateDBProxy": ("proxy",),
        "CreateDBSecurityGroup": ("secgrp",),
        "CreateDBShardGroup": ("shardgrp",),
        "CreateDBSnapshot": ("snapshot",),
        "CreateDBSubnetGroup": ("subgrp",),
        "CreateEventSubscription": ("es",),
        "CreateGlobalCluster": ("global-cluster",),
        "CreateOptionGroup": ("og",),
        "RestoreDBClusterFromSnapshot": ("cluster",),
        "RestoreDBClusterToPointInTime": ("cluster",),
        "RestoreDBInstanceFromDBSnapshot": ("db",),
        "RestoreDBInstanceToPointInTime": ("db",),
    },
    tagged_at={
        "CopyDBClusterParameterGroup": ("TargetDBClusterParameterGroupIdentifier",),
        "CopyDBClusterSnapshot": ("TargetDBClusterSnapshotIdentifier",),
        "CopyDBParameterGroup": ("TargetDBParameterGroupIdentifier",),
        "CopyDBSnapshot": ("TargetDBSnapshotIdentifier",),
        "CopyOptionGroup": ("TargetOptionGroupIdentifier",),
        "CreateDBCluster": ("DBClusterIdentifier",),
        "CreateDBInstanceReadReplica": ("DBInstanceIdentifier",),
        "RestoreDBClusterToPointInTime": ("DBClusterIdentifier",),
        "RestoreDBInstanceToPointInTime": ("TargetDBInstanceIdentifier",),
    },
)


def on_arn(asked: Asked) -> Iterator[Wanted]:
    """The tags of a resource of any kind."""
    arn = (asked.members.get("ResourceName") or "").lower()
    kind = kind_of(arn)
    if kind is None:
        raise Unclear(f"`{arn}` is no ARN of RDS")
    yield TABLE.wanted(asked, f"rds:{asked.operation.name}", kind, arn)


async def find_proxy(lookups: Lookups, asked: Asked, wanted: Wanted) -> str | None:
    """The ARN of a proxy by its name."""
    if asked.operation.name == "CreateDBProxy":
        return None
    answer = await lookups.ask(asked, "rds", "DescribeDBProxies", DBProxyName=wanted.named)
    return next(values(answer or {}, "DBProxies.DBProxyArn"), None)


async def find_group_of_targets(lookups: Lookups, asked: Asked, wanted: Wanted) -> str | None:
    """The ARN of a proxy's group of targets by the names of both."""
    proxy, _, group = wanted.named.partition("#")
    answer = await lookups.ask(asked, "rds", "DescribeDBProxyTargetGroups", DBProxyName=proxy)
    found = [each for each in at(answer or {}, "TargetGroups") if each.get("TargetGroupName") == group]
    return found[0].get("TargetGroupArn") if len(found) == 1 else None


async def find_shard_group(lookups: Lookups, asked: Asked, wanted: Wanted) -> str | None:
    """The ARN of a shard group by its name."""
    if asked.operation.name == "CreateDBShardGroup":
        return None
    only = {"DBShardGroupIdentifier": wanted.named}
    answer = await lookups.ask(asked, "rds", "DescribeDBShardGroups", **only)
    return next(values(answer or {}, "DBShardGroups.DBShardGroupArn"), None)


_RENAMED: Mapping[str, tuple[str, str, str, str]] = {
    "ModifyDBCluster": ("cluster", "NewDBClusterIdentifier", "DescribeDBClusters", "DBClusterIdentifier"),
    "ModifyDBInstance": ("db", "NewDBInstanceIdentifier", "DescribeDBInstances", "DBInstanceIdentifier"),
}


async def renamed(lookups: Lookups, asked: Asked, resources: Sequence[Resource]) -> Besides:
    """What has the name already that something is to get."""
    kind, member, operation, named = _RENAMED[asked.operation.name]
    new = str(asked.members.get(member) or "").lower()
    if new and not re.fullmatch(NAME, new):
        raise ValidationError(f"`{new}` is not the name of a {kind}")
    if not new or await lookups.ask(asked, "rds", operation, **{named: new}) is None:
        return Besides()
    return Besides(wanted=(TABLE.wanted(asked, f"rds:{asked.operation.name}", kind, new),))


_TAGS_WITH: Mapping[str, tuple[str, str, str]] = {
    "global-cluster": ("DescribeGlobalClusters", "GlobalClusterIdentifier", "GlobalClusters"),
    "shard-group": ("DescribeDBShardGroups", "DBShardGroupIdentifier", "DBShardGroups"),
}
"""What tells its tags itself: the operation, the member that names it, where the answer has it."""


async def tags_of(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    """The tags of a resource; none of one that is not made yet."""
    if NEW in arn:
        return {}
    described = next((how for part, how in _TAGS_WITH.items() if f":{part}:" in arn), None)
    if described is None:
        answer = await lookups.ask(asked, "rds", "ListTagsForResource", ResourceName=arn)
        tags = at(answer or {}, "TagList")
    else:
        operation, member, under = described
        answer = await lookups.ask(asked, "rds", operation, **{member: arn.rpartition(":")[2]})
        tags = at(answer or {}, f"{under}.TagList")
    return {tag["Key"]: tag.get("Value", "") for tag in tags}


# -- keys -------------------------------------------------------------------------------------------

_PLAIN: Mapping[str, str] = {
    "backuptarget": "BackupTarget",
    "copyoptiongroup": "CopyOptionGroup",
    "databaseclass": "DBInstanceClass",
    "databaseengine": "Engine",
    "databasename": "DBName",
    "endpointtype": "EndpointType",
    "managemasteruserpassword": "ManageMasterUserPassword",
    "multiaz": "MultiAZ",
    "piops": "Iops",
    "publiclyaccessible": "PubliclyAccessible",
    "storageencrypted": "StorageEncrypted",
    "storagesize": "AllocatedStorage",
}


def keys(asked: Asked) -> Mapping[str, KeyValue]:
    """What a request says of a database; `rds:req-tag` is RDS's own name for a tag of the request."""
    found: dict[str, KeyValue] = {}
    for key, member in _PLAIN.items():
        if asked.members.get(member) is not None:
            found[f"rds:{key}"] = word(asked.members[member])
    for tag in asked.members.get("Tags") or ():
        if tag.get("Key"):
            found[f"rds:req-tag/{tag['Key'].lower()}"] = tag.get("Value") or ""
    return found


def _described(place: str, value: Callable[[Any], str] = word) -> KeyOf:
    """What an instance that is there is like."""

    async def of(lookups: Lookups, asked: Asked, wanted: Wanted) -> KeyValue | None:
        name = wanted.resource.rpartition(":")[2]
        if wanted.type != "db" or name == NEW:
            return None
        answer = await lookups.ask(asked, "rds", "DescribeDBInstances", DBInstanceIdentifier=name)
        found = next(at(answer or {}, f"DBInstances.{place}"), None)
        return None if found is None else value(found)

    return of


RULES = Rules(
    prefix="rds",
    special=TABLE.special(
        "rds", AddTagsToResource=on_arn, ListTagsForResource=on_arn, RemoveTagsFromResource=on_arn
    ),
    keys=keys,
    besides=dict.fromkeys(_RENAMED, renamed),
    found={
        "rds:databaseclass": _described("DBInstanceClass"),
        "rds:databaseengine": _described("Engine"),
        "rds:databasename": _described("DBName"),
        "rds:multiaz": _described("MultiAZ"),
        "rds:piops": _described("Iops"),
        "rds:storageencrypted": _described("StorageEncrypted"),
        "rds:storagesize": _described("AllocatedStorage"),
        "rds:vpc": _described("DBSubnetGroup.VpcId", lambda found: "true"),
    },
    completions={
        "proxy": find_proxy,
        "shardgrp": find_shard_group,
        "target-group": find_group_of_targets,
    },
    tags={
        kind.name: tags_of
        for kind in catalog.resource_types("rds")
        if kind.name != "target-group"  # which nothing but RDS itself gives tags
    },
)
