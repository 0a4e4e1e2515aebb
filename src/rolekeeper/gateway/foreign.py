"""An operation of a service that stands behind, in the form of our own ones.

The authorizer, the trail and a call know operations; such a one is authorized and told like any other, and is
never run here.
Source: "Logging data events" in the CloudTrail User Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, Never

from rolekeeper.policy import catalog
from rolekeeper.service.call import Call, Resource
from rolekeeper.service.registry import Declaration, Operation
from rolekeeper.wire.http import HttpRequest, HttpResponse
from rolekeeper.wire.model import OperationModel, Service

_READS: Final = frozenset({"List", "Read"})

_DATA: Final[Mapping[str, frozenset[str]]] = {
    "dynamodb": frozenset(
        {
            *("BatchExecuteStatement", "BatchGetItem", "BatchWriteItem", "DeleteItem", "ExecuteStatement"),
            *("ExecuteTransaction", "GetItem", "PutItem", "Query", "Scan", "TransactGetItems"),
            *("TransactWriteItems", "UpdateItem"),
        }
    ),
    "dynamodbstreams": frozenset({"GetRecords", "GetShardIterator"}),
    "kinesis": frozenset({"GetRecords", "GetShardIterator", "PutRecord", "PutRecords"}),
    "firehose": frozenset({"PutRecord", "PutRecordBatch"}),
    "lambda": frozenset({"Invoke", "InvokeAsync", "InvokeWithResponseStream"}),
    "s3": frozenset(
        {
            *("AbortMultipartUpload", "CompleteMultipartUpload", "CopyObject", "CreateMultipartUpload"),
            *("DeleteObject", "DeleteObjectTagging", "DeleteObjects", "GetObject", "GetObjectAcl"),
            *("GetObjectAttributes", "GetObjectLegalHold", "GetObjectRetention", "GetObjectTagging"),
            *("HeadBucket", "HeadObject", "ListMultipartUploads", "ListObjectVersions", "ListObjects"),
            *("ListObjectsV2", "ListParts", "PutObject", "PutObjectAcl", "PutObjectLegalHold"),
            *("PutObjectRetention", "PutObjectTagging", "RestoreObject", "SelectObjectContent"),
            *("UploadPart", "UploadPartCopy"),
        }
    ),
    "sns": frozenset({"Publish", "PublishBatch"}),
    "sqs": frozenset(
        {
            *("ChangeMessageVisibility", "ChangeMessageVisibilityBatch", "DeleteMessage"),
            *("DeleteMessageBatch", "ReceiveMessage", "SendMessage", "SendMessageBatch"),
        }
    ),
}
"""What CloudTrail calls data events: by service, the operations on what a resource holds."""

_PLAIN: Final = (str, int, bool)
_NAMES: Final = 1024
"""Characters of a member that may be a name."""


@lru_cache(maxsize=4096)
def foreign(service: Service, operation: OperationModel, action: str) -> Operation:
    """The operation. `action` is what is asked first: by it is known whether something is changed."""
    known = catalog.action(action)
    return Operation(
        service=service,
        model=operation,
        name=operation.name,
        action=action,
        handler=_never,
        declaration=_UNDECLARED,
        proof=None,
        writes=known is None or not _READS.issuperset(known.access_levels),
        read=_unread,
        write=_written,
        course="network",
        data=operation.name in _DATA.get(service.name, ()),
    )


def shown(operation: Operation, members: Mapping[str, Any]) -> Mapping[str, Any]:
    """The members that the trail has. Of what is about the content of a resource it has names only."""
    if not operation.data:
        return members
    return {
        name: value
        for name, value in members.items()
        if isinstance(value, _PLAIN) and len(str(value)) <= _NAMES and name not in _CONTENT
    }


_CONTENT: Final = frozenset({"Data", "Message", "MessageBody", "Payload", "Statement"})


def _nothing(call: Call, **_: Any) -> Resource:
    return Resource(arn="*", account=call.account)


def _unread(request: HttpRequest) -> Mapping[str, Any]:
    return {}


def _never(*_: Any, **__: Any) -> Never:
    raise RuntimeError("an operation of a service that stands behind is not run here")


def _written(result: Mapping[str, Any], request_id: str) -> HttpResponse:
    _never()


_UNDECLARED: Final = Declaration(
    resource=_nothing, action=None, also=None, keys=None, writes=False, permission=True, proof=None
)
