"""Secrets Manager: secrets, by name, by ARN, or by an ARN without the six characters that AWS adds.

Which of these an ARN is cannot be told by looking, so what stands behind always says the whole one; a secret
that is made, or is not there, has `-??????` at its end, which policies match as they match the characters.
What a filter finds is asked one by one: a policy may refuse one of them by its name or its tags.
Source: "Actions, resources, and condition keys for AWS Secrets Manager" in the Service Authorization
Reference; `CreateSecret`, `BatchGetSecretValue` and `RotateSecret` in the AWS Secrets Manager API Reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rolekeeper.gateway import used_keys
from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.naming import Kind, all_of, given, kind_of_all, refuse, required, strings, word
from rolekeeper.gateway.rules import KeyOf, Lookups, Rules
from rolekeeper.gateway.sealed import secret_values
from rolekeeper.gateway.sealed.secret_values import described
from rolekeeper.gateway.services import kms
from rolekeeper.policy.context import KeyValue

SECRET = Kind(type="Secret", service="secretsmanager", before="secret:", name=r"[A-Za-z0-9/_+=.@-]{1,519}")
_FUNCTION = Kind(
    type="function", service="lambda", before="function:", name=r"[A-Za-z0-9_-]+(?::[A-Za-z0-9$_-]+)?"
)
_SUFFIX = "-??????"
_FOUND = "#"
"""What a filter finds is called by this and its number, as no secret is."""
MOST_FOUND = 40
"""The secrets that a filter may find for a batch."""

_OPERATIONS = (
    *("CancelRotateSecret", "DeleteResourcePolicy", "DeleteSecret", "DescribeSecret", "GetResourcePolicy"),
    *("GetSecretValue", "ListSecretVersionIds", "PutResourcePolicy", "PutSecretValue"),
    *(
        "RemoveRegionsFromReplication",
        "ReplicateSecretToRegions",
        "RestoreSecret",
        "StopReplicationToReplica",
    ),
    *("TagResource", "UntagResource", "UpdateSecret", "UpdateSecretVersionStage"),
)


def secret(asked: Asked, action: str, value: str) -> Wanted:
    """An access to the secret that is called by `value`."""
    whole = SECRET.called(asked, value)
    resource = whole if value.startswith("arn:") else whole + _SUFFIX
    return Wanted(action=f"secretsmanager:{action}", resource=resource, type=SECRET.type, named=value)


def _on_secret(asked: Asked) -> Iterator[Wanted]:
    yield secret(asked, asked.operation.name, required(asked, "SecretId"))


def _create(asked: Asked) -> Iterator[Wanted]:
    resource = SECRET.arn(asked, required(asked, "Name")) + _SUFFIX
    also = {"Tags": "TagResource", "AddReplicaRegions": "ReplicateSecretToRegions"}
    actions = ("CreateSecret", *(action for member, action in also.items() if asked.members.get(member)))
    for action in actions:
        yield Wanted(action=f"secretsmanager:{action}", resource=resource, type=SECRET.type)
    key = given(asked, "KmsKeyId")
    if key:
        version = given(asked, "ClientRequestToken")
        context = {"SecretARN": resource, **({"SecretVersionId": version} if version else {})}
        yield from kms.through(asked, "secretsmanager", key, used_keys.WRITING, context)


def _rotate(asked: Asked) -> Iterator[Wanted]:
    """The secret and its function; what stands behind may take the one of that name where the secret is."""
    secrets = list(_on_secret(asked))
    yield from secrets
    function = asked.members.get("RotationLambdaARN")
    if function:
        whole = _FUNCTION.whole(asked, function)
        there = ":".join((*whole.split(":")[:4], secrets[0].resource.split(":")[4], *whole.split(":")[5:]))
        for resource in dict.fromkeys((whole, there)):
            yield Wanted(action="lambda:InvokeFunction", resource=resource, type=_FUNCTION.type)


def _batch(asked: Asked) -> Iterator[Wanted]:
    """The secrets come first: the batch is done where they are."""
    secrets = asked.members.get("SecretIdList") or ()
    filters = asked.members.get("Filters")
    if bool(secrets) == bool(filters):
        refuse("Either 'SecretIdList' or 'Filters' must be provided, but not both.")
    for value in dict.fromkeys(secrets):
        yield secret(asked, "GetSecretValue", value)
    if filters:
        every, action = kind_of_all(asked, SECRET), "secretsmanager:GetSecretValue"
        for index in range(MOST_FOUND):
            yield Wanted(action=action, resource=every, type=SECRET.type, named=f"{_FOUND}{index}")
        yield Wanted(action="secretsmanager:ListSecrets", resource="*")
    yield Wanted(action="secretsmanager:BatchGetSecretValue", resource="*")


# -- condition keys ---------------------------------------------------------------------------------

_MEMBERS = {
    "secretsmanager:blockpublicpolicy": "BlockPublicPolicy",
    "secretsmanager:description": "Description",
    "secretsmanager:externalsecretrotationrolearn": "ExternalSecretRotationRoleArn",
    "secretsmanager:forcedeletewithoutrecovery": "ForceDeleteWithoutRecovery",
    "secretsmanager:forceoverwritereplicasecret": "ForceOverwriteReplicaSecret",
    "secretsmanager:kmskeyid": "KmsKeyId",
    "secretsmanager:name": "Name",
    "secretsmanager:recoverywindowindays": "RecoveryWindowInDays",
    "secretsmanager:rotateimmediately": "RotateImmediately",
    "secretsmanager:rotationlambdaarn": "RotationLambdaARN",
    "secretsmanager:secretid": "SecretId",
    "secretsmanager:type": "Type",
    "secretsmanager:versionid": "VersionId",
    "secretsmanager:versionstage": "VersionStage",
}


def _keys(asked: Asked) -> Mapping[str, KeyValue]:
    members = asked.members
    found: dict[str, KeyValue] = strings(members, **_MEMBERS)
    if str(members.get("KmsKeyId") or "").startswith("arn:"):
        found["secretsmanager:kmskeyarn"] = str(members["KmsKeyId"])
    if members.get("AddReplicaRegions"):
        found["secretsmanager:addreplicaregions"] = tuple(
            str(region.get("Region")) for region in members["AddReplicaRegions"]
        )
    if asked.operation.name == "RotateSecret":
        found["secretsmanager:modifyrotationrules"] = word(bool(members.get("RotationRules")))
    if asked.operation.name == "GetSecretValue" and not members.get("VersionId"):
        found.setdefault("secretsmanager:versionstage", "AWSCURRENT")  # what is meant where nothing is said
    return found


# -- what stands behind -----------------------------------------------------------------------------


async def _complete(lookups: Lookups, asked: Asked, wanted: Wanted) -> str | None:
    if wanted.named.startswith(_FOUND):
        return await _filtered(lookups, asked, int(wanted.named.removeprefix(_FOUND)))
    found: str | None = (await described(lookups, asked, wanted.named)).get("ARN")
    return found


async def _filtered(lookups: Lookups, asked: Asked, index: int) -> str | None:
    """One of the secrets that the filters of a request find; the last one again, after that."""
    filters = asked.members.get("Filters")
    answer = await lookups.ask(asked, "secretsmanager", "ListSecrets", Filters=filters, MaxResults=100)
    found: list[str] = [each["ARN"] for each in (answer or {}).get("SecretList") or ()]
    if len(found) > MOST_FOUND or (answer or {}).get("NextToken"):
        refuse(f"The filters find more than {MOST_FOUND} secrets: say which by SecretIdList")
    return found[min(index, len(found) - 1)] if found else None


def _of_secret(name: str) -> KeyOf:
    """A key that is about the secret which is used, not about the request."""

    async def found(lookups: Lookups, asked: Asked, wanted: Wanted) -> KeyValue | None:
        if wanted.type != SECRET.type or not wanted.named:
            return None
        called: str | None = wanted.named
        if wanted.named.startswith(_FOUND):
            called = await _complete(lookups, asked, wanted)
        value = (await described(lookups, asked, called)).get(name) if called else None
        return word(value) if value else None

    return found


async def _tags(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    found = await described(lookups, asked, arn)
    return {tag["Key"]: tag["Value"] for tag in found.get("Tags") or ()}


async def _policy(lookups: Lookups, asked: Asked, arn: str) -> str | None:
    if arn.endswith(("?", "*")):
        return None
    answer = await lookups.ask(asked, "secretsmanager", "GetResourcePolicy", SecretId=arn)
    policy: str | None = (answer or {}).get("ResourcePolicy")
    return policy


RULES = Rules(
    prefix="secretsmanager",
    special={
        **all_of(_OPERATIONS, _on_secret),
        "BatchGetSecretValue": _batch,
        "CreateSecret": _create,
        "RotateSecret": _rotate,
    },
    keys=_keys,
    besides={
        "PutSecretValue": secret_values.on_write,
        "ReplicateSecretToRegions": secret_values.on_replicate,
        "UpdateSecret": secret_values.on_write,
    },
    answered={
        "BatchGetSecretValue": secret_values.of_answer,
        "GetSecretValue": secret_values.of_answer,
    },
    found={
        "secretsmanager:secretprimaryregion": _of_secret("PrimaryRegion"),
        "secretsmanager:resource/allowrotationlambdaarn": _of_secret("RotationLambdaARN"),
        "secretsmanager:resource/type": _of_secret("Type"),
        **kms.RULES.found,
    },
    completions={SECRET.type: _complete, **kms.RULES.completions},
    tags={SECRET.type: _tags, **kms.RULES.tags},
    policies={SECRET.type: _policy, **kms.RULES.policies},
)
