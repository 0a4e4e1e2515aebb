"""Policies of queues, topics, keys, secrets ... when they are put: held to the grammar before they go on, and
held here afterwards.

What could not be read would shut everybody out of the resource, those who could put another policy among
them. A user or a role that a policy names must exist, where its account is one of this server's. KMS takes no
policy that would keep who puts it from putting another.
Source: "PutKeyPolicy" in the AWS KMS API Reference; the errors of "SetQueueAttributes", "SetTopicAttributes",
"PutResourcePolicy", "SetRepositoryPolicy" and others in the API References of their services.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from rolekeeper.errors import AwsError, MalformedPolicyDocument, MalformedPolicyDocumentException
from rolekeeper.errors.resource_policies import (
    InvalidArgumentException,
    InvalidAttributeValue,
    InvalidParameter,
    InvalidPolicyException,
    MalformedResourcePolicyDocumentException,
    PublicPolicyException,
    ValidationException,
)
from rolekeeper.errors.rest import InvalidParameterException
from rolekeeper.errors.workloads import InvalidParameterValueException
from rolekeeper.gateway import policy_principals
from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.held_policies import HeldPolicies, hashed
from rolekeeper.gateway.rules import Rules
from rolekeeper.iam.buckets import ResourcePolicy
from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.context import RequestContext
from rolekeeper.policy.decision import PolicyLayers
from rolekeeper.policy.document import parse_document
from rolekeeper.policy.public import is_public
from rolekeeper.policy.validate import PolicyKind, validate
from rolekeeper.service.call import Caller, Resource
from rolekeeper.store.contract import Store

Members = Mapping[str, Any]


class Put(msgspec.Struct, frozen=True, kw_only=True):
    """An operation that puts a policy."""

    text: Callable[[Members], Any]
    """Where it is in the request: None where this one has none, and nothing where it takes one away."""
    refused: Callable[[str], AwsError]
    """How the service refuses one; it is told what is wrong."""
    made: tuple[str, ...] = ()
    """Where the ARN of the resource is in the answer, if the operation makes it and the service names it."""
    kind: str
    """The resource's type in AWS's reference."""
    bare: bool = False
    """Its statements need not name a resource: it is the one that has the policy."""


def _member(name: str) -> Callable[[Members], Any]:
    return lambda members: members.get(name)


def _attribute(members: Members) -> Any:
    return (members.get("Attributes") or {}).get("Policy")


def _topics_attribute(members: Members) -> Any:
    return members.get("AttributeValue") or "" if members.get("AttributeName") == "Policy" else None


def _queue(said: str) -> AwsError:
    return InvalidAttributeValue("Invalid value for the parameter Policy.")


def _topic(said: str) -> AwsError:
    return InvalidParameter(f"Invalid parameter: Policy Error: {said}")


def _repository(said: str) -> AwsError:
    return InvalidParameterException(
        "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'"
    )


PUTS: Final[Mapping[tuple[str, str], Put]] = {
    ("sqs", "CreateQueue"): Put(text=_attribute, refused=_queue, kind="queue"),
    ("sqs", "SetQueueAttributes"): Put(text=_attribute, refused=_queue, kind="queue"),
    ("sns", "CreateTopic"): Put(text=_attribute, refused=_topic, kind="topic", made=("TopicArn",)),
    ("sns", "SetTopicAttributes"): Put(text=_topics_attribute, refused=_topic, kind="topic"),
    ("kms", "CreateKey"): Put(
        text=_member("Policy"),
        refused=MalformedPolicyDocumentException,
        kind="key",
        made=("KeyMetadata", "Arn"),
    ),
    ("kms", "ReplicateKey"): Put(
        text=_member("Policy"),
        refused=MalformedPolicyDocumentException,
        kind="key",
        made=("ReplicaKeyMetadata", "Arn"),
    ),
    ("kms", "PutKeyPolicy"): Put(
        text=_member("Policy"), refused=MalformedPolicyDocumentException, kind="key"
    ),
    ("secretsmanager", "PutResourcePolicy"): Put(
        text=_member("ResourcePolicy"), refused=MalformedPolicyDocumentException, kind="Secret"
    ),
    ("dynamodb", "CreateTable"): Put(
        text=_member("ResourcePolicy"), refused=ValidationException, kind="table"
    ),
    ("dynamodb", "PutResourcePolicy"): Put(text=_member("Policy"), refused=ValidationException, kind="table"),
    ("kinesis", "PutResourcePolicy"): Put(
        text=_member("Policy"), refused=InvalidArgumentException, kind="stream"
    ),
    ("ecr", "SetRepositoryPolicy"): Put(
        text=_member("policyText"), refused=_repository, kind="repository", bare=True
    ),
    ("logs", "PutDestinationPolicy"): Put(
        text=_member("accessPolicy"), refused=InvalidParameterException, kind="destination"
    ),
    ("events", "PutPermission"): Put(text=_member("Policy"), refused=ValidationException, kind="event-bus"),
    ("lambda", "PutResourcePolicy"): Put(
        text=_member("Policy"), refused=InvalidParameterValueException, kind="function"
    ),
    ("ssm", "PutResourcePolicy"): Put(
        text=_member("Policy"), refused=MalformedResourcePolicyDocumentException, kind="parameter"
    ),
    ("efs", "PutFileSystemPolicy"): Put(
        text=_member("Policy"), refused=InvalidPolicyException, kind="file-system", bare=True
    ),
}

_ENDS: Final = frozenset(
    {
        ("sqs", "DeleteQueue"),
        ("sns", "DeleteTopic"),
        ("kms", "ScheduleKeyDeletion"),
        ("secretsmanager", "DeleteResourcePolicy"),
        ("secretsmanager", "DeleteSecret"),
        ("dynamodb", "DeleteResourcePolicy"),
        ("dynamodb", "DeleteTable"),
        ("kinesis", "DeleteResourcePolicy"),
        ("kinesis", "DeleteStream"),
        ("ecr", "DeleteRepositoryPolicy"),
        ("ecr", "DeleteRepository"),
        ("logs", "DeleteDestination"),
        ("events", "RemovePermission"),
        ("events", "DeleteEventBus"),
        ("lambda", "DeleteResourcePolicy"),
        ("lambda", "DeleteFunction"),
        ("ssm", "DeleteResourcePolicy"),
        ("ssm", "DeleteParameter"),
        ("efs", "DeleteFileSystemPolicy"),
        ("efs", "DeleteFileSystem"),
    }
)
"""What ends a policy: its deletion, and that of the resource."""

_MAKES: Final = frozenset({"CreateQueue", "CreateTopic", "CreateKey", "CreateTable"})
"""What makes a resource anew: what was held of another one of its name does not hold for it."""


class ResourcePolicies:
    """Sees to policies that are put."""

    def __init__(self, store: Store, policies: HeldPolicies) -> None:
        self._store = store
        self._policies = policies

    def check(self, asked: Asked, caller: Caller) -> None:
        """Refuse a policy that the service would not take; AwsError in its words."""
        put = PUTS.get(_name(asked))
        text = put.text(asked.members) if put is not None else None
        if put is None or not text:
            return
        try:
            read = validate(_with_resources(text) if put.bare else text, PolicyKind.RESOURCE)
            with self._store.read() as tx:
                policy_principals.bound(tx, asked.partition, asked.account, text)
        except MalformedPolicyDocument as error:
            raise put.refused(error.message) from None
        if asked.members.get("BlockPublicPolicy") and is_public(read):
            raise PublicPolicyException
        if asked.service.name == "kms" and not asked.members.get("BypassPolicyLockoutSafetyCheck"):
            _require_way_back(asked, text, caller)

    def follows(self, asked: Asked) -> bool:
        """Whether anything has to be kept, or forgotten, once the operation is done."""
        name = _name(asked)
        put = PUTS.get(name)
        if put is not None:
            return put.text(asked.members) is not None or asked.operation.name in _MAKES
        return name in _ENDS

    async def after(
        self, asked: Asked, rules: Rules | None, found: Sequence[Resource], answer: Mapping[str, Any]
    ) -> None:
        """Hold the policy that was put, or none any more, of the resource that was asked for."""
        put = PUTS.get(_name(asked))
        arn = _within(answer, put.made) if put is not None and put.made else None
        arn = arn or (found[0].arn if found else "*")
        account = found[0].account if found else asked.account
        if arn == "*" or not self.follows(asked) or not self._has(account):
            return
        text = put.text(asked.members) if put is not None else None
        if put is None or not text:
            await self._policies.hold(account, arn, None)
            return
        region = arn.split(":")[3] or asked.region  # a replica of a key is in another one
        theirs = msgspec.structs.replace(asked, account=account, region=region)
        try:
            shown = await self._policies.shown(theirs, rules, put.kind, arn)
        except AwsError:
            shown = None  # it is held rather than lost
        await self._policies.hold(account, arn, self._policy(theirs, arn, text, shown))

    def _has(self, account: str) -> bool:
        with self._store.read() as tx:
            return tx.has_account(account)

    def _policy(self, theirs: Asked, arn: str, text: str, shown: str | None) -> ResourcePolicy | None:
        """What is held of a policy; None where the backend shows it, and it names no users and roles."""
        with self._store.read() as tx:
            own = policy_principals.bound(tx, theirs.partition, theirs.account, text)
        if shown is not None and not policy_principals.has_ids(own):
            return None
        return ResourcePolicy(account=theirs.account, arn=arn, text=own, shown=hashed(shown))


def _name(asked: Asked) -> tuple[str, str]:
    return asked.service.name, asked.operation.name


def _within(answer: Mapping[str, Any], path: tuple[str, ...]) -> str | None:
    value: Any = answer
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else None


def _with_resources(text: str) -> str:
    """The policy with the resource that its statements leave out; the text itself where it is no object."""
    try:
        told = json.loads(text, parse_float=str)
        listed = told["Statement"]
        for statement in [listed] if isinstance(listed, dict) else listed:
            if "NotResource" not in statement:
                statement.setdefault("Resource", "*")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return text
    return json.dumps(told)


def _require_way_back(asked: Asked, text: str, caller: Caller) -> None:
    """The new policy must let who puts it put another, as far as a key's policy decides on it."""
    key = f"arn:{asked.partition}:kms:{asked.region}:{asked.account}:key/new"
    context = RequestContext(
        principal=caller.principal, action="kms:PutKeyPolicy", resource=key, resource_account=asked.account
    )
    layers = PolicyLayers(identity=(_EVERYTHING,), resource=parse_document(text), resource_kind="kms")
    if not authorize(context, layers).allowed:
        raise MalformedPolicyDocumentException(
            "The new key policy will not allow you to update the key policy in the future."
        )


_EVERYTHING: Final = parse_document(
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
)
