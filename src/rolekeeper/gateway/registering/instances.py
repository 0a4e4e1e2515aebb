"""EC2 instances, by their IDs behind: launched, tagged, changed, terminated, with their profiles.

Source: "RunInstances", "TerminateInstances" and the operations on associations with instance profiles in the
EC2 API Reference.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from rolekeeper.arn import Arn
from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.registering.contract import Registry, keys_of, tags_of
from rolekeeper.iam.entities import InstanceProfile
from rolekeeper.iam.secret import Secret
from rolekeeper.iam.workloads import ASSOCIATED, Instance, ProfileAssociation, association_id
from rolekeeper.service.instance_metadata import USER_DATA

_DETAILS = {
    "InstanceType": "instance_type",
    "ImageId": "image_id",
    "Architecture": "architecture",
    "PrivateIpAddress": "private_ip",
    "PublicIpAddress": "public_ip",
    "VpcId": "vpc_id",
    "SubnetId": "subnet_id",
}
_OPTIONS = {
    "HttpTokens": "http_tokens",
    "HttpPutResponseHopLimit": "hop_limit",
    "HttpEndpoint": "http_endpoint",
    "InstanceMetadataTags": "metadata_tags",
}


def after(registry: Registry, asked: Asked, answer: Mapping[str, Any]) -> None:
    """Bring the instances of an account to what an answer says."""
    name = asked.operation.name
    if name == "RunInstances":
        for each in answer.get("Instances") or ():
            _launched(registry, asked, {**registry.referred.launch, **asked.members}, each)
    elif name == "RequestSpotInstances":
        for each in answer.get("SpotInstanceRequests") or ():
            if each.get("InstanceId"):
                _launched(registry, asked, asked.members.get("LaunchSpecification") or {}, each)
    elif name == "CreateFleet":
        for group in answer.get("Instances") or ():
            for id in group.get("InstanceIds") or ():
                _launched(registry, asked, {}, {**group, "InstanceId": id})
    elif name == "TerminateInstances":
        for each in answer.get("TerminatingInstances") or ():
            _terminated(registry, str(each.get("InstanceId")))
    elif name in ("AssociateIamInstanceProfile", "ReplaceIamInstanceProfileAssociation"):
        _associated(registry, asked, answer)
    elif name == "DisassociateIamInstanceProfile":
        told = answer.get("IamInstanceProfileAssociation") or {}
        _disassociated(registry, told.get("InstanceId") or _instance_of(registry, asked))
    elif name == "ModifyInstanceMetadataOptions":
        _modified(registry, asked)
    elif name in ("CreateTags", "DeleteTags"):
        _tagged(registry, asked)


def _launched(registry: Registry, asked: Asked, given: Mapping[str, Any], told: Mapping[str, Any]) -> None:
    """Have an instance as it was asked for (`given`) and as the answer has it (`told`)."""
    instances = registry.state.collection(Instance)
    if not told.get("InstanceId"):
        return
    known = instances.find(told["InstanceId"])
    instance = _instance(registry, asked, given, told, known)
    if known is None:
        instances.add(instance)
        profile = given.get("IamInstanceProfile") or {}
        named = profile.get("Arn") or profile.get("Name") or next(iter(registry.referred.profiles), None)
        if named:
            _give(registry, instance.id, named, association_id())
    elif known != instance:
        instances.put(instance)
    user_data = _user_data(given.get("UserData"))
    if user_data:
        registry.state.secrets.put(USER_DATA, instance.id, Secret(user_data.decode("latin-1")))


def _instance(
    registry: Registry,
    asked: Asked,
    given: Mapping[str, Any],
    told: Mapping[str, Any],
    known: Instance | None,
) -> Instance:
    details = {mine: told[theirs] for theirs, mine in _DETAILS.items() if told.get(theirs)}
    options = {**(told.get("MetadataOptions") or {}), **(given.get("MetadataOptions") or {})}
    details |= _settings(options)
    details.setdefault("private_ip", "172.31.0.4")
    place = told.get("Placement") or {}
    return Instance(
        account=asked.account,
        region=asked.region,
        created=known.created if known is not None else registry.moment,
        id=told["InstanceId"],
        availability_zone=place.get("AvailabilityZone") or f"{asked.region}a",
        tags=tags_of(told.get("Tags")),
        **cast(Any, details),
    )


def _settings(options: Mapping[str, Any]) -> dict[str, Any]:
    return {mine: options[theirs] for theirs, mine in _OPTIONS.items() if options.get(theirs) is not None}


def _user_data(given: Any) -> bytes:
    if not isinstance(given, str | bytes):
        return b""
    try:
        return base64.b64decode(given)
    except (binascii.Error, ValueError):
        return b""


def _terminated(registry: Registry, instance_id: str) -> None:
    instances = registry.state.collection(Instance)
    instance = instances.find(instance_id)
    if instance is None:
        return
    _disassociated(registry, instance_id)
    registry.doors.close(registry.state, instance)
    registry.state.secrets.delete(USER_DATA, instance_id)
    instances.delete(instance)


def _associated(registry: Registry, asked: Asked, answer: Mapping[str, Any]) -> None:
    told = answer.get("IamInstanceProfileAssociation") or {}
    instance_id = told.get("InstanceId") or asked.members.get("InstanceId") or _instance_of(registry, asked)
    profile = asked.members.get("IamInstanceProfile") or {}
    given = profile.get("Arn") or profile.get("Name")
    if not instance_id or not given or registry.state.collection(Instance).find(instance_id) is None:
        return
    _disassociated(registry, instance_id)
    _give(registry, instance_id, given, told.get("AssociationId") or association_id())


def _instance_of(registry: Registry, asked: Asked) -> str | None:
    """The instance of the association that a request names."""
    found = registry.state.collection(ProfileAssociation).find(str(asked.members.get("AssociationId")))
    return found.instance if found is not None else None


def _give(registry: Registry, instance_id: str, given: str, id: str) -> None:
    profile = _profile(registry, given)
    if profile is None:
        return
    associations = registry.state.collection(ProfileAssociation)
    made = ProfileAssociation(
        account=registry.state.id,
        id=id if associations.find(id) is None else association_id(),
        instance=instance_id,
        profile_id=profile.id,
        profile_name=profile.name_path + profile.name,
        created=registry.moment,
    )
    associations.add(made)
    registry.state.links.add(ASSOCIATED, instance_id, made.id)


def _profile(registry: Registry, given: str) -> InstanceProfile | None:
    name = Arn.parse(given).name if given.startswith("arn:") else given
    return registry.state.instance_profiles.find(name)


def _disassociated(registry: Registry, instance_id: str | None) -> None:
    if not instance_id:
        return
    associations = registry.state.collection(ProfileAssociation)
    for id in registry.state.links.targets(ASSOCIATED, instance_id):
        registry.state.links.remove(ASSOCIATED, instance_id, id)
        found = associations.find(id)
        if found is not None:
            associations.delete(found)


def _modified(registry: Registry, asked: Asked) -> None:
    instances = registry.state.collection(Instance)
    found = instances.find(str(asked.members.get("InstanceId")))
    if found is not None:
        instances.put(msgspec.structs.replace(found, **cast(Any, _settings(asked.members))))


def _tagged(registry: Registry, asked: Asked) -> None:
    instances = registry.state.collection(Instance)
    for id in asked.members.get("Resources") or ():
        found = instances.find(id)
        if found is None:
            continue
        given = asked.members.get("Tags")
        if asked.operation.name == "CreateTags":
            tags = {**found.tags, **tags_of(given)}
        else:
            gone = set(keys_of(given)) if given else set(found.tags)
            tags = {key: value for key, value in found.tags.items() if key not in gone}
        instances.put(msgspec.structs.replace(found, tags=tags))
