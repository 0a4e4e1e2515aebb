"""Lambda: functions with their versions and aliases, layers, event source mappings.

A function is called by a name, by `ACCOUNT:function:NAME` or by an ARN, each of which may have a version or
an alias at its end; with one, the function of that ARN is asked and not the function itself. Code in a bucket
is read as the caller, and the layers that a function is to have are too; both keys that there may be, of that
code and of the environment, are used as the caller.
Source: "Actions, resources, and condition keys for AWS Lambda" in the Service Authorization Reference; "Fine-
tuning the Resources and Conditions sections of policies" and "Using tags on Lambda functions" in the AWS
Lambda Developer Guide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.naming import (
    Asking,
    Kind,
    all_of,
    at,
    given,
    on,
    on_any,
    refuse,
    required,
    strings,
    word,
)
from rolekeeper.gateway.rules import Besides, Lookups, Rules
from rolekeeper.gateway.s3 import encryption
from rolekeeper.gateway.services import kms
from rolekeeper.policy.context import KeyValue
from rolekeeper.service.call import Resource

_NAME, _QUALIFIER = "[A-Za-z0-9_-]{1,140}", r"\$LATEST|[A-Za-z0-9_-]{1,128}"
FUNCTION = Kind(type="function", service="lambda", before="function:", name=f"{_NAME}(?::(?:{_QUALIFIER}))?")
PLAIN = Kind(type="function", service="lambda", before="function:", name=_NAME)
LAYER = Kind(type="layer", service="lambda", before="layer:", name=_NAME)
LAYER_VERSION = Kind(type="layerVersion", service="lambda", before="layer:", name=f"{_NAME}:[0-9]+")
MAPPING = Kind(
    type="eventSourceMapping", service="lambda", before="event-source-mapping:", name="[0-9a-fA-F-]{36}"
)
SIGNING = Kind(
    type="code signing config", service="lambda", before="code-signing-config:", name="csc-[a-zA-Z0-9]+"
)

_CALLED = re.compile(
    rf"(?:(?:arn:([a-z-]+):lambda:([a-z0-9-]+):)?([0-9]{{12}}):function:)?({_NAME})(?::({_QUALIFIER}))?"
)
_ON_FUNCTIONS = (
    *("CreateAlias", "DeleteAlias", "DeleteFunctionCodeSigningConfig", "DeleteFunctionConcurrency"),
    *("DeleteProvisionedConcurrencyConfig", "GetAlias", "GetFunctionCodeSigningConfig"),
    *("GetFunctionConcurrency", "GetProvisionedConcurrencyConfig", "InvokeAsync", "ListAliases"),
    *("ListFunctionEventInvokeConfigs", "ListFunctionUrlConfigs", "ListProvisionedConcurrencyConfigs"),
    *("ListVersionsByFunction", "PublishVersion", "PutFunctionCodeSigningConfig", "PutFunctionConcurrency"),
    *("PutProvisionedConcurrencyConfig", "UpdateAlias", "AddPermission", "DeleteFunction"),
    *("CreateFunctionUrlConfig", "DeleteFunctionEventInvokeConfig", "DeleteFunctionUrlConfig", "GetFunction"),
    *("GetFunctionConfiguration", "GetFunctionEventInvokeConfig", "GetFunctionUrlConfig", "GetPolicy"),
    *("PutFunctionEventInvokeConfig", "RemovePermission", "UpdateFunctionEventInvokeConfig"),
    *("UpdateFunctionUrlConfig", "GetRuntimeManagementConfig", "PutRuntimeManagementConfig"),
    *("GetFunctionRecursionConfig", "GetFunctionScalingConfig", "PutFunctionRecursionConfig"),
    "PutFunctionScalingConfig",
)
_ON_LAYER_VERSIONS = (
    *("AddLayerVersionPermission", "DeleteLayerVersion", "GetLayerVersion", "GetLayerVersionPolicy"),
    "RemoveLayerVersionPermission",
)
_URLS = (
    *("CreateFunctionUrlConfig", "DeleteFunctionUrlConfig"),
    *("GetFunctionUrlConfig", "UpdateFunctionUrlConfig"),
)


def function(asked: Asked, value: str, qualifier: str | None = None) -> str:
    """The ARN of the function of a name or ARN, with its version or alias."""
    found = _CALLED.fullmatch(value)
    if found is None:
        refuse(f"Value '{value}' at 'functionName' failed to satisfy constraint")
    partition, region, account, name, own = found.groups()
    if (partition or asked.partition, region or asked.region) != (asked.partition, asked.region):
        refuse(f"Functions from '{region}' are not reachable in this region ('{asked.region}')")
    if own and qualifier and own != qualifier:
        refuse("The derived qualifier from the function name does not match the specified qualifier.")
    last = own or qualifier
    return FUNCTION.arn(asked, f"{name}:{last}" if last else name, account or "")


def _function(asked: Asked, action: str = "") -> Wanted:
    resource = function(asked, required(asked, "FunctionName"), given(asked, "Qualifier"))
    if not _takes_qualifier(asked) and PLAIN.named(asked, resource) is None:
        refuse("Cannot provide qualifier")  # it would be the function that is changed
    return Wanted(action=f"lambda:{action or asked.operation.name}", resource=resource, type=FUNCTION.type)


def _takes_qualifier(asked: Asked) -> bool:
    return any(name == "Qualifier" for name, _ in asked.operation.members)


def _on_function(action: str = "") -> Asking:
    return lambda asked: (_function(asked, action),)


def _code(asked: Asked, place: Mapping[str, Any]) -> Iterator[Wanted]:
    """The object that code is taken from."""
    bucket, key = place.get("S3Bucket"), place.get("S3Key")
    if not bucket and not key:
        return
    if not re.fullmatch("[A-Za-z0-9._-]{3,255}", str(bucket)) or not key:
        refuse("Both S3Bucket and S3Key are needed for code in a bucket")
    action = "s3:GetObjectVersion" if place.get("S3ObjectVersion") else "s3:GetObject"
    yield Wanted(action=action, resource=f"arn:{asked.partition}:s3:::{bucket}/{key}", type="object")


async def _code_key(lookups: Lookups, asked: Asked, resources: Sequence[Resource]) -> Besides:
    """The key of the object that code is taken from."""
    place = asked.members.get("Code") or asked.members.get("Content") or asked.members
    bucket, key, version = (place.get(name) for name in ("S3Bucket", "S3Key", "S3ObjectVersion"))
    if not bucket:
        return Besides()
    named = {"VersionId": version} if version else {}
    return Besides(wanted=tuple(await encryption.reading(lookups, asked, resources, bucket, str(key), named)))


def _layers(asked: Asked) -> Iterator[Wanted]:
    for layer in dict.fromkeys(asked.members.get("Layers") or ()):
        resource = LAYER_VERSION.whole(asked, layer)
        yield Wanted(action="lambda:GetLayerVersion", resource=resource, type=LAYER_VERSION.type)


def _create(asked: Asked) -> Iterator[Wanted]:
    found = _function(asked)
    yield found
    if asked.members.get("Tags"):
        yield Wanted(action="lambda:TagResource", resource=found.resource, type=found.type)
    yield from _layers(asked)
    yield from _code(asked, asked.members.get("Code") or {})
    yield from _sealing(asked, found)


def _configure(asked: Asked) -> Iterator[Wanted]:
    found = _function(asked)
    yield found
    yield from _layers(asked)
    yield from _sealing(asked, found)


def _sealing(asked: Asked, found: Wanted) -> Iterator[Wanted]:
    """The key of the environment: it is encrypted now, and granted to Lambda for when the function runs."""
    key = given(asked, "KMSKeyArn")
    if key:
        context = {"aws:lambda:FunctionArn": found.resource}
        for each in kms.through(asked, "lambda", key, ("CreateGrant", "Encrypt"), context):
            granted = {"kms:grantisforawsresource": "true"} if each.action == "kms:CreateGrant" else {}
            yield msgspec.structs.replace(each, keys={**each.keys, **granted})


def _update_code(asked: Asked) -> Iterator[Wanted]:
    yield _function(asked)
    yield from _code(asked, asked.members)


def _publish_layer(asked: Asked) -> Iterator[Wanted]:
    resource = LAYER.called(asked, required(asked, "LayerName"))
    yield Wanted(action="lambda:PublishLayerVersion", resource=resource, type=LAYER.type)
    yield from _code(asked, asked.members.get("Content") or {})


def _on_layer_version(asked: Asked) -> Iterator[Wanted]:
    layer = LAYER.called(asked, required(asked, "LayerName"))
    resource = LAYER_VERSION.whole(asked, f"{layer}:{asked.members.get('VersionNumber')}")
    yield Wanted(action=f"lambda:{asked.operation.name}", resource=resource, type=LAYER_VERSION.type)


def _update_mapping(asked: Asked) -> Iterator[Wanted]:
    """The mapping as it is, and as it is to be where it gets another function."""
    resource = MAPPING.arn(asked, required(asked, "UUID"))
    action = "lambda:UpdateEventSourceMapping"
    yield Wanted(action=action, resource=resource, type=MAPPING.type)
    name = given(asked, "FunctionName")
    if name:
        keys: dict[str, KeyValue] = {"lambda:functionarn": _own_function(asked, name)}
        yield Wanted(action=action, resource=resource, type=MAPPING.type, keys=keys)


def _own_function(asked: Asked, name: str) -> str:
    """The function of a mapping, which is in its account: a backend would take the one of that name there."""
    found = function(asked, name)
    if found.split(":")[4] != asked.account:
        refuse(f"Cross-account pass of the function {found} is not allowed.")
    return found


def _create_mapping(asked: Asked) -> Iterator[Wanted]:
    yield Wanted(action="lambda:CreateEventSourceMapping", resource="*")
    if asked.members.get("Tags"):
        resource = f"{MAPPING.arn(asked, '0' * 36)[:-36]}*"
        yield Wanted(action="lambda:TagResource", resource=resource, type=MAPPING.type)


# -- condition keys ---------------------------------------------------------------------------------


def _keys(asked: Asked) -> Mapping[str, KeyValue]:
    members, operation = asked.members, asked.operation.name
    found: dict[str, KeyValue] = strings(
        members,
        **{"lambda:codesigningconfigarn": "CodeSigningConfigArn", "lambda:functionurlauthtype": "AuthType"},
    )
    if members.get("Layers"):
        found["lambda:layer"] = tuple(members["Layers"])
    network: Mapping[str, Any] = members.get("VpcConfig") or {}
    for key, member in (("lambda:subnetids", "SubnetIds"), ("lambda:securitygroupids", "SecurityGroupIds")):
        if network.get(member):
            found[key] = tuple(network[member])
    if operation in ("AddPermission", "RemovePermission"):
        own = {"lambda:principal": "Principal", "lambda:functionurlauthtype": "FunctionUrlAuthType"}
        found |= strings(members, **own)
    if operation == "CreateEventSourceMapping":
        found["lambda:functionarn"] = _own_function(asked, required(asked, "FunctionName"))
    if operation in _URLS:
        found["lambda:functionarn"] = function(asked, required(asked, "FunctionName"))
    return found


# -- what stands behind -----------------------------------------------------------------------------


async def _mapped(lookups: Lookups, asked: Asked, wanted: Wanted) -> KeyValue | None:
    """The function of an event source mapping that there is."""
    if wanted.type != MAPPING.type or "lambda:functionarn" in wanted.keys or wanted.resource.endswith("*"):
        return None
    uuid = wanted.resource.rpartition(":")[2]
    answer = await lookups.ask(asked, "lambda", "GetEventSourceMapping", UUID=uuid)
    found: str | None = (answer or {}).get("FunctionArn")
    return found


async def _networks(lookups: Lookups, asked: Asked, wanted: Wanted) -> KeyValue | None:
    """The networks of the subnets that a function is to be in."""
    subnets = (asked.members.get("VpcConfig") or {}).get("SubnetIds")
    if not subnets:
        return None
    answer = await lookups.ask(asked, "ec2", "DescribeSubnets", SubnetIds=list(subnets))
    found = (str(each.get("VpcId")) for each in (answer or {}).get("Subnets") or ())
    return tuple(dict.fromkeys(found)) or None


async def _url_type(lookups: Lookups, asked: Asked, wanted: Wanted) -> KeyValue | None:
    """How callers of a function's URL are known, where the request does not say it."""
    if asked.operation.name not in _URLS or asked.members.get("AuthType"):
        return None
    members = strings(asked.members, FunctionName="FunctionName", Qualifier="Qualifier")
    answer = await lookups.ask(at(asked, wanted.resource), "lambda", "GetFunctionUrlConfig", **members)
    return word(answer["AuthType"]) if answer and answer.get("AuthType") else None


async def _tags(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    if arn.endswith("*"):
        return {}
    resource = ":".join(arn.split(":")[:7])  # versions and aliases have the function's
    answer = await lookups.ask(asked, "lambda", "ListTags", Resource=resource)
    return (answer or {}).get("Tags") or {}


async def _policy(lookups: Lookups, asked: Asked, arn: str) -> str | None:
    name, _, qualifier = arn.partition(":function:")[2].partition(":")
    members = {"FunctionName": name} | ({"Qualifier": qualifier} if qualifier else {})
    answer = await lookups.ask(asked, "lambda", "GetPolicy", **members)
    return _in_words((answer or {}).get("Policy"))


async def _layer_policy(lookups: Lookups, asked: Asked, arn: str) -> str | None:
    name, _, version = arn.partition(":layer:")[2].partition(":")
    members: dict[str, Any] = {"LayerName": name, "VersionNumber": int(version)}
    answer = await lookups.ask(asked, "lambda", "GetLayerVersionPolicy", **members)
    return _in_words((answer or {}).get("Policy"))


def _in_words(policy: str | None) -> str | None:
    """A policy as AWS shows it. Backends are known that have a principal as AddPermission said it."""
    try:
        found: Any = json.loads(policy or "")
    except ValueError:
        return policy
    for statement in found.get("Statement") or () if isinstance(found, dict) else ():
        principal = statement.get("Principal")
        if isinstance(principal, str) and principal != "*":
            kind = "Service" if principal.endswith((".amazonaws.com", ".amazonaws.com.cn")) else "AWS"
            statement["Principal"] = {kind: principal}
    return json.dumps(found)


RULES = Rules(
    prefix="lambda",
    actions={
        "GetLayerVersionByArn": ("GetLayerVersion",),
        "Invoke": ("InvokeFunction",),
        "InvokeWithResponseStream": ("InvokeFunction",),
    },
    special={
        **all_of(_ON_FUNCTIONS, _on_function()),
        **all_of(("Invoke", "InvokeWithResponseStream"), _on_function("InvokeFunction")),
        **all_of(_ON_LAYER_VERSIONS, _on_layer_version),
        **all_of(("DeleteEventSourceMapping", "GetEventSourceMapping"), on("lambda", MAPPING, "UUID")),
        **all_of(
            ("TagResource", "UntagResource", "ListTags"),
            on_any("lambda", "Resource", PLAIN, MAPPING, SIGNING),
        ),
        "CreateEventSourceMapping": _create_mapping,
        "CreateFunction": _create,
        "GetLayerVersionByArn": on("lambda", LAYER_VERSION, "Arn", action="GetLayerVersion", whole=True),
        "PublishLayerVersion": _publish_layer,
        "UpdateEventSourceMapping": _update_mapping,
        "UpdateFunctionCode": _update_code,
        "UpdateFunctionConfiguration": _configure,
    },
    keys=_keys,
    besides=dict.fromkeys(("CreateFunction", "PublishLayerVersion", "UpdateFunctionCode"), _code_key),
    found={
        "lambda:functionarn": _mapped,
        "lambda:functionurlauthtype": _url_type,
        "lambda:vpcids": _networks,
        **kms.RULES.found,
    },
    tags={FUNCTION.type: _tags, MAPPING.type: _tags, SIGNING.type: _tags},
    policies={FUNCTION.type: _policy, LAYER_VERSION.type: _layer_policy},
)
