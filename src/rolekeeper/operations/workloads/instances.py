"""EC2 instances: registered when they are launched, with an instance profile or without.

Registering stands for ec2:RunInstances, and asks for it on the instance alone: of images, networks and
volumes nothing is known here. Its condition keys are those of the instance.
Source: "RunInstances" in the EC2 API Reference; "Actions, resources, and condition keys for Amazon EC2" in
the Service Authorization Reference.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any, cast

import msgspec

from rolekeeper.errors import InvalidInstanceId
from rolekeeper.iam import tagging
from rolekeeper.iam.secret import Secret
from rolekeeper.iam.workloads import ASSOCIATED, Instance, ProfileAssociation, Switch, Tokens, instance_id
from rolekeeper.operations import resources
from rolekeeper.operations.workloads import paging, profiles, views
from rolekeeper.service.call import Access, Call, Resource
from rolekeeper.service.instance_metadata import USER_DATA
from rolekeeper.service.registry import Keys, operation

_SETTINGS = {
    "HttpTokens": "http_tokens",
    "HttpPutResponseHopLimit": "hop_limit",
    "HttpEndpoint": "http_endpoint",
    "InstanceMetadataTags": "metadata_tags",
}
"""How an instance's metadata are given: AWS's names, and the instance's."""


def to_be(call: Call, **_: Any) -> Resource:
    """Any instance of the region: one that is to be made has no ID yet."""
    start = f"arn:{call.partition}:ec2:{call.region}:{call.account}"
    return Resource(arn=f"{start}:instance/*", account=call.account)


def existing(call: Call, *, instance_id: str, **_: Any) -> Resource:
    """The instance of an ID in the caller's region."""
    found = find(call, instance_id)
    start = f"arn:{call.partition}:ec2:{call.region}:{call.account}"
    tags = found.tags if found is not None else {}
    return Resource(arn=f"{start}:instance/{instance_id}", account=call.account, tags=tags)


def find(call: Call, instance_id: str) -> Instance | None:
    """An instance of the account in the caller's region."""
    found = call.tx.collection(Instance).find(instance_id)
    return found if found is not None and found.region == call.region else None


def get(call: Call, instance_id: str) -> Instance:
    """The same; InvalidInstanceID.NotFound."""
    found = find(call, instance_id)
    if found is None:
        raise InvalidInstanceId(instance_id)
    return found


def keys_of(call: Call, *, instance_id: str, **_: Any) -> Keys:
    """The condition keys of an instance that there is."""
    found = find(call, instance_id)
    if found is None:
        return {"ec2:region": call.region}
    association = views.association_of(call, found.id)
    profile = None if association is None else views.profile(call, association)["Arn"]
    keys = _keys(call, found, profile) | {"ec2:instanceid": found.id}
    keys |= {f"ec2:resourcetag/{name.lower()}": value for name, value in found.tags.items()}
    return keys


def _keys(call: Call, instance: Instance, profile: str | None) -> dict[str, str | tuple[str, ...]]:
    keys: dict[str, str | tuple[str, ...]] = {
        "ec2:region": call.region,
        "ec2:instancetype": instance.instance_type,
        "ec2:availabilityzone": instance.availability_zone,
        "ec2:metadatahttptokens": instance.http_tokens,
        "ec2:metadatahttpputresponsehoplimit": str(instance.hop_limit),
        "ec2:metadatahttpendpoint": instance.http_endpoint,
        "ec2:instancemetadatatags": instance.metadata_tags,
    }
    if profile is not None:
        keys["ec2:instanceprofile"] = profile
    return keys


def _launch_keys(call: Call, **asked: Any) -> Keys:
    profile = profiles.named(call, asked.get("iam_instance_profile"))
    arn = profile.arn(call.partition) if profile is not None else None
    return _keys(call, _launched(call, "i-*", asked | {"tags": None}), arn)


def _launch_accesses(call: Call, **asked: Any) -> Iterator[Access]:
    """The role of a profile is handed to EC2; tags at a launch are a permission of their own."""
    resource = to_be(call)
    yield from profiles.passing(call, asked.get("iam_instance_profile"), resource.arn)
    if asked.get("tags"):
        keys = {"ec2:createaction": "RunInstances", "ec2:region": call.region}
        yield Access(action="ec2:CreateTags", resource=resource, keys=lambda: keys)


@operation(resource=to_be, action="ec2:RunInstances", keys=_launch_keys, also=_launch_accesses, writes=True)
def register_instance(
    call: Call,
    *,
    instance_type: str | None = None,
    image_id: str | None = None,
    architecture: str | None = None,
    availability_zone: str | None = None,
    private_ip_address: str | None = None,
    public_ip_address: str | None = None,
    vpc_id: str | None = None,
    subnet_id: str | None = None,
    iam_instance_profile: dict[str, str] | None = None,
    metadata_options: dict[str, Any] | None = None,
    tags: list[dict[str, str]] | None = None,
    user_data: bytes | None = None,
) -> dict[str, Any]:
    """Have an instance, with the secret of its endpoint: the only answer that shows it. Its user data are for
    itself alone: people put secrets there."""
    profile = None if iam_instance_profile is None else profiles.usable(call, iam_instance_profile)
    instance = _launched(call, instance_id(), call.arguments)
    call.tx.collection(Instance).add(instance)
    if profile is not None:
        profiles.associate(call, instance, profile)
    if user_data:
        call.tx.secrets.put(USER_DATA, instance.id, Secret(user_data.decode("latin-1")))
    secret = call.doors.make(call.tx, instance)
    return {"Instance": views.instance(call, instance), "Secret": secret.reveal()}


def _launched(call: Call, id: str, asked: Any) -> Instance:
    """The instance that a request asks for."""
    given = {
        "instance_type": asked.get("instance_type"),
        "image_id": asked.get("image_id"),
        "architecture": asked.get("architecture"),
        "public_ip": asked.get("public_ip_address"),
        "vpc_id": asked.get("vpc_id"),
        "subnet_id": asked.get("subnet_id"),
    }
    options = asked.get("metadata_options") or {}
    given |= {mine: options.get(theirs) for theirs, mine in _SETTINGS.items()}
    return Instance(
        account=call.account,
        region=call.region,
        created=call.now.replace(microsecond=0),
        id=id,
        availability_zone=asked.get("availability_zone") or f"{call.region}a",
        private_ip=asked.get("private_ip_address") or _address(),
        tags=tagging.merged({}, asked.get("tags"), limit=call.limits.tags),
        **cast(Any, {name: value for name, value in given.items() if value is not None}),
    )


def _address() -> str:
    """Some address of a default network."""
    return f"172.31.{secrets.randbelow(256)}.{secrets.randbelow(251) + 4}"


@operation(resource=existing, action="ec2:TerminateInstances", keys=keys_of, writes=True)
def deregister_instance(call: Call, *, instance_id: str) -> dict[str, Any]:
    """Let an instance go, with its association and its secrets."""
    instance = get(call, instance_id)
    association = views.association_of(call, instance.id)
    if association is not None:
        call.tx.links.remove(ASSOCIATED, instance.id, association.id)
        call.tx.collection(ProfileAssociation).delete(association)
    call.doors.close(call.tx, instance)
    call.tx.secrets.delete(USER_DATA, instance.id)
    call.tx.collection(Instance).delete(instance)
    return {}


def region_keys(call: Call, **_: Any) -> Keys:
    """The only condition key of what EC2 tells about everything."""
    return {"ec2:region": call.region}


@operation(resource=resources.everything, action="ec2:DescribeInstances", keys=region_keys)
def list_instances(
    call: Call,
    *,
    instance_ids: list[str] | None = None,
    max_results: int | None = None,
    next_token: str | None = None,
) -> dict[str, Any]:
    """Tell the instances of the region, or those of some IDs."""
    asked = set(instance_ids or ())
    for each in instance_ids or ():
        get(call, each)
    return paging.page(
        call,
        Instance,
        "Instances",
        lambda found: views.instance(call, found),
        wanted=lambda found: found.region == call.region and (not asked or found.id in asked),
        next_token=next_token,
        max_results=max_results,
    )


@operation(resource=existing, action="ec2:ModifyInstanceMetadataOptions", keys=keys_of, writes=True)
def modify_instance_metadata_options(
    call: Call,
    *,
    instance_id: str,
    http_tokens: Tokens | None = None,
    http_put_response_hop_limit: int | None = None,
    http_endpoint: Switch | None = None,
    instance_metadata_tags: Switch | None = None,
) -> dict[str, Any]:
    """Change how an instance's metadata are given."""
    given = {
        "http_tokens": http_tokens,
        "hop_limit": http_put_response_hop_limit,
        "http_endpoint": http_endpoint,
        "metadata_tags": instance_metadata_tags,
    }
    changes = cast(Any, {name: value for name, value in given.items() if value is not None})
    instance = msgspec.structs.replace(get(call, instance_id), **changes)
    call.tx.collection(Instance).put(instance)
    return {"InstanceId": instance.id, "InstanceMetadataOptions": views.metadata_options(instance)}
