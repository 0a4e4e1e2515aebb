"""DynamoDB: tables and their items, indexes, backups.

A query or scan of an index is asked on the index, every other one on the table. Batches and transactions are
asked on each of their tables, each by the action that it is. A restored table is read and written by its
caller, and so is the bucket that a table is imported from or exported to.
Source: "Actions, resources, and condition keys for Amazon DynamoDB" in the Service Authorization Reference;
"Using IAM with DynamoDB backup and restore", "Requesting a table import in DynamoDB" and "Requesting a table
export in DynamoDB" in the Amazon DynamoDB Developer Guide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.items.leading import full_scan, partition_key
from rolekeeper.gateway.items.touched import INDEX, OPERATIONS, STATEMENTS, TABLE, as_understood, asking
from rolekeeper.gateway.naming import Kind, all_of, at, given, on, on_any, refuse, required
from rolekeeper.gateway.rules import Besides, Lookups, Rules
from rolekeeper.gateway.s3.names import bucket_arn, checked_bucket, object_arn
from rolekeeper.iam.buckets import Bucket
from rolekeeper.policy.context import KeyValue
from rolekeeper.service.call import Resource

_OF_TABLE = r"[A-Za-z0-9_.-]+/%s/[A-Za-z0-9_:.-]+"
STREAM = Kind(type="stream", service="dynamodb", before="table/", name=_OF_TABLE % "stream")
BACKUP = Kind(type="backup", service="dynamodb", before="table/", name=_OF_TABLE % "backup")
EXPORT = Kind(type="export", service="dynamodb", before="table/", name=_OF_TABLE % "export")
IMPORT = Kind(type="import", service="dynamodb", before="table/", name=_OF_TABLE % "import")
GLOBAL = Kind(type="global-table", service="dynamodb", before="global-table/", regional=False)

_ON_TABLES = (
    *(
        "CreateBackup",
        "DeleteTable",
        "DescribeContinuousBackups",
        "DescribeContributorInsights",
        "DescribeTable",
    ),
    *("DescribeKinesisStreamingDestination", "DescribeTableReplicaAutoScaling", "DescribeTimeToLive"),
    *("DisableKinesisStreamingDestination", "EnableKinesisStreamingDestination", "UpdateContinuousBackups"),
    *("UpdateContributorInsights", "UpdateKinesisStreamingDestination", "UpdateTableReplicaAutoScaling"),
    "UpdateTimeToLive",
)
_BY_ARN = ("TagResource", "UntagResource", "ListTagsOfResource")
_POLICIES = ("GetResourcePolicy", "PutResourcePolicy", "DeleteResourcePolicy")
_GLOBAL_TABLES = ("DescribeGlobalTable", "DescribeGlobalTableSettings", "UpdateGlobalTableSettings")
_RESTORES = (
    *("PutItem", "UpdateItem", "DeleteItem", "GetItem", "Query", "Scan", "BatchWriteItem"),
)  # what else a caller does to the table that he has restored
MOST_OBJECTS = 1000
"""The objects that a table may be imported from."""
_VIA: Mapping[str, KeyValue] = {"aws:viaawsservice": "true"}
"""What DynamoDB does in a bucket, it does in the name of its caller."""
_REPLICAS = {"Create": "CreateTableReplica", "Delete": "DeleteTableReplica"}


def _table(asked: Asked, action: str, name: str) -> Wanted:
    return Wanted(action=f"dynamodb:{action}", resource=TABLE.called(asked, name), type="table")


def _create(asked: Asked) -> Iterator[Wanted]:
    name = required(asked, "TableName")
    yield _table(asked, "CreateTable", name)
    if asked.members.get("Tags"):
        yield _table(asked, "TagResource", name)
    if asked.members.get("ResourcePolicy"):
        yield _table(asked, "PutResourcePolicy", name)


def _update(asked: Asked) -> Iterator[Wanted]:
    name = required(asked, "TableName")
    changes = [key for entry in asked.members.get("ReplicaUpdates") or () for key in entry if entry[key]]
    yield _table(asked, "UpdateTable", name)
    for action in dict.fromkeys(_REPLICAS[change] for change in changes if change in _REPLICAS):
        yield _table(asked, action, name)


def _restore_backup(asked: Asked) -> Iterator[Wanted]:
    backup = BACKUP.whole(asked, required(asked, "BackupArn"))
    yield Wanted(action="dynamodb:RestoreTableFromBackup", resource=backup, type="backup")
    for action in ("RestoreTableFromBackup", *_RESTORES):
        yield _table(asked, action, required(asked, "TargetTableName"))


def _restore_time(asked: Asked) -> Iterator[Wanted]:
    yield _table(asked, "RestoreTableToPointInTime", required(asked, "SourceTableArn", "SourceTableName"))
    if given(asked, "SourceTableArn") and given(asked, "SourceTableName"):
        yield _table(asked, "RestoreTableToPointInTime", required(asked, "SourceTableName"))
    for action in _RESTORES:
        yield _table(asked, action, required(asked, "TargetTableName"))


def _import(asked: Asked) -> Iterator[Wanted]:
    made, source = (asked.members.get(name) or {} for name in ("TableCreationParameters", "S3BucketSource"))
    yield _table(asked, "ImportTable", str(made.get("TableName") or ""))
    bucket, prefix = (
        bucket_arn(asked, checked_bucket(asked, source.get("S3Bucket"))),
        source.get("S3KeyPrefix"),
    )
    keys: dict[str, KeyValue] = {"s3:prefix": prefix} if prefix is not None else {}
    yield Wanted(action="s3:ListBucket", resource=bucket, type="bucket", keys={**_VIA, **keys})
    yield Wanted(action="s3:GetObject", resource=f"{bucket}/{prefix or ''}*", type="object", keys=_VIA)


def _export(asked: Asked) -> Iterator[Wanted]:
    table = TABLE.whole(asked, required(asked, "TableArn"))
    yield _table(asked, "ExportTableToPointInTime", table)
    bucket = bucket_arn(asked, checked_bucket(asked, asked.members.get("S3Bucket")))
    prefix = given(asked, "S3Prefix")
    objects = f"{bucket}/{prefix}/*" if prefix else f"{bucket}/*"
    for action in ("PutObject", "PutObjectAcl", "AbortMultipartUpload"):
        yield Wanted(action=f"s3:{action}", resource=objects, type="object", keys=_VIA)


def _exports(asked: Asked) -> Iterator[Wanted]:
    table = given(asked, "TableArn")
    if table:
        yield _table(asked, "ListExports", TABLE.whole(asked, table))
    else:
        yield Wanted(action="dynamodb:ListExports", resource="*")


def _global(asked: Asked) -> Iterator[Wanted]:
    name = required(asked, "GlobalTableName")
    action = f"dynamodb:{asked.operation.name}"
    yield Wanted(action=action, resource=GLOBAL.arn(asked, name), type=GLOBAL.type)
    yield Wanted(action=action, resource=TABLE.arn(asked, name), type="table")


async def _imported(lookups: Lookups, asked: Asked, resources: Sequence[Resource]) -> Besides:
    """Each object that a table is imported from: a policy may refuse one of them."""
    source = asked.members.get("S3BucketSource") or {}
    bucket = next((on.entity for on in resources if isinstance(on.entity, Bucket)), None)
    there = msgspec.structs.replace(asked, account=bucket.account) if bucket is not None else asked
    named = {"Bucket": source["S3Bucket"], "Prefix": source.get("S3KeyPrefix") or ""}
    answer = await lookups.ask(there, "s3", "ListObjectsV2", **named, MaxKeys=MOST_OBJECTS)
    if (answer or {}).get("IsTruncated"):
        refuse(f"There are more than {MOST_OBJECTS} objects to import from {named['Bucket']}")
    objects = [
        object_arn(asked, named["Bucket"], each["Key"]) for each in (answer or {}).get("Contents") or ()
    ]
    return Besides(
        wanted=tuple(Wanted(action="s3:GetObject", resource=arn, type="object", keys=_VIA) for arn in objects)
    )


async def _tags(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    arn = arn.partition("/index/")[0]  # an index has the tags of its table
    answer = await lookups.ask(at(asked, arn), "dynamodb", "ListTagsOfResource", ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for tag in (answer or {}).get("Tags") or ()}


async def _policy(lookups: Lookups, asked: Asked, arn: str) -> str | None:
    table = arn.partition("/index/")[0]  # and its policy
    answer = await lookups.ask(at(asked, arn), "dynamodb", "GetResourcePolicy", ResourceArn=table)
    policy: str | None = (answer or {}).get("Policy")
    return policy


RULES = Rules(
    prefix="dynamodb",
    special={
        **all_of(OPERATIONS, asking),
        **all_of(_ON_TABLES, on("dynamodb", TABLE, "TableName")),
        **all_of(_BY_ARN, on_any("dynamodb", "ResourceArn", TABLE, STREAM)),
        **all_of(_POLICIES, on_any("dynamodb", "ResourceArn", TABLE, STREAM)),
        **all_of(("DescribeBackup", "DeleteBackup"), on("dynamodb", BACKUP, "BackupArn", whole=True)),
        **all_of(_GLOBAL_TABLES, on("dynamodb", GLOBAL, "GlobalTableName")),
        **all_of(("CreateGlobalTable", "UpdateGlobalTable"), _global),
        "CreateTable": _create,
        "UpdateTable": _update,
        "DescribeExport": on("dynamodb", EXPORT, "ExportArn", whole=True),
        "DescribeImport": on("dynamodb", IMPORT, "ImportArn", whole=True),
        "ExportTableToPointInTime": _export,
        "ImportTable": _import,
        "ListExports": _exports,
        "RestoreTableFromBackup": _restore_backup,
        "RestoreTableToPointInTime": _restore_time,
    },
    besides={"ImportTable": _imported, **dict.fromkeys(STATEMENTS, as_understood)},
    found={
        "dynamodb:leadingkeys": partition_key(0),
        "dynamodb:firstpartitionkeyvalues": partition_key(0),
        "dynamodb:secondpartitionkeyvalues": partition_key(1),
        "dynamodb:thirdpartitionkeyvalues": partition_key(2),
        "dynamodb:fourthpartitionkeyvalues": partition_key(3),
        "dynamodb:fulltablescan": full_scan,
    },
    tags={TABLE.type: _tags, INDEX.type: _tags},
    policies={TABLE.type: _policy, INDEX.type: _policy, STREAM.type: _policy},
)
