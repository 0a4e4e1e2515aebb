"""Giving a running instance an instance profile, another one, or none.

Each is allowed as the operation of EC2 whose name it has, on the instance.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rolekeeper.errors import IncorrectState, InvalidAssociationId
from rolekeeper.iam.workloads import ProfileAssociation
from rolekeeper.operations import resources
from rolekeeper.operations.workloads import instances, paging, profiles, views
from rolekeeper.service.call import Access, Call, Resource
from rolekeeper.service.registry import Keys, operation


def _new_keys(call: Call, *, instance_id: str, iam_instance_profile: profiles.Named, **_: Any) -> Keys:
    profile = profiles.named(call, iam_instance_profile)
    keys = dict(instances.keys_of(call, instance_id=instance_id))
    return keys if profile is None else keys | {"ec2:newinstanceprofile": profile.arn(call.partition)}


def _handing_over(
    call: Call, *, instance_id: str, iam_instance_profile: profiles.Named, **_: Any
) -> Iterator[Access]:
    resource = instances.existing(call, instance_id=instance_id)
    yield from profiles.passing(call, iam_instance_profile, resource.arn)


@operation(
    resource=instances.existing,
    action="ec2:AssociateIamInstanceProfile",
    keys=_new_keys,
    also=_handing_over,
    writes=True,
)
def associate_instance_profile(
    call: Call, *, instance_id: str, iam_instance_profile: dict[str, str]
) -> dict[str, Any]:
    """Give an instance a profile; IncorrectState where it has one."""
    instance = instances.get(call, instance_id)
    profile = profiles.usable(call, iam_instance_profile)
    if views.association_of(call, instance.id) is not None:
        raise IncorrectState(f"There is an existing association for instance {instance.id}")
    made = profiles.associate(call, instance, profile)
    return {"IamInstanceProfileAssociation": views.association(call, made, "associating")}


def _find(call: Call, association_id: str) -> ProfileAssociation | None:
    found = call.tx.collection(ProfileAssociation).find(association_id)
    own = found is not None and instances.find(call, found.instance) is not None
    return found if own else None


def _get(call: Call, association_id: str) -> ProfileAssociation:
    found = _find(call, association_id)
    if found is None:
        raise InvalidAssociationId(association_id)
    return found


def _instance_of(call: Call, *, association_id: str, **_: Any) -> Resource:
    """The instance of an association; any, where there is no such association."""
    found = _find(call, association_id)
    return instances.to_be(call) if found is None else instances.existing(call, instance_id=found.instance)


def _keys_of(call: Call, *, association_id: str, **_: Any) -> Keys:
    found = _find(call, association_id)
    return (
        instances.region_keys(call) if found is None else instances.keys_of(call, instance_id=found.instance)
    )


def _replacing_keys(
    call: Call, *, association_id: str, iam_instance_profile: profiles.Named, **_: Any
) -> Keys:
    profile = profiles.named(call, iam_instance_profile)
    keys = dict(_keys_of(call, association_id=association_id))
    return keys if profile is None else keys | {"ec2:newinstanceprofile": profile.arn(call.partition)}


def _replacing(
    call: Call, *, association_id: str, iam_instance_profile: profiles.Named, **_: Any
) -> Iterator[Access]:
    resource = _instance_of(call, association_id=association_id)
    yield from profiles.passing(call, iam_instance_profile, resource.arn)


@operation(
    resource=_instance_of,
    action="ec2:ReplaceIamInstanceProfileAssociation",
    keys=_replacing_keys,
    also=_replacing,
    writes=True,
)
def replace_instance_profile_association(
    call: Call, *, association_id: str, iam_instance_profile: dict[str, str]
) -> dict[str, Any]:
    """Give an instance another profile in the place of its own; the association is another one, too."""
    before = _get(call, association_id)
    profile = profiles.usable(call, iam_instance_profile)
    profiles.disassociate(call, before)
    made = profiles.associate(call, instances.get(call, before.instance), profile)
    return {"IamInstanceProfileAssociation": views.association(call, made, "associating")}


@operation(resource=_instance_of, action="ec2:DisassociateIamInstanceProfile", keys=_keys_of, writes=True)
def disassociate_instance_profile(call: Call, *, association_id: str) -> dict[str, Any]:
    """Take the profile from an instance."""
    before = _get(call, association_id)
    profiles.disassociate(call, before)
    return {"IamInstanceProfileAssociation": views.association(call, before, "disassociating")}


@operation(
    resource=resources.everything,
    action="ec2:DescribeIamInstanceProfileAssociations",
    keys=instances.region_keys,
)
def list_instance_profile_associations(
    call: Call,
    *,
    association_ids: list[str] | None = None,
    instance_ids: list[str] | None = None,
    max_results: int | None = None,
    next_token: str | None = None,
) -> dict[str, Any]:
    """Tell which instances of the region have which profiles. IDs that are not there are left out."""

    def wanted(found: ProfileAssociation) -> bool:
        return (
            (not association_ids or found.id in association_ids)
            and (not instance_ids or found.instance in instance_ids)
            and instances.find(call, found.instance) is not None
        )

    return paging.page(
        call,
        ProfileAssociation,
        "IamInstanceProfileAssociations",
        lambda found: views.association(call, found),
        wanted=wanted,
        next_token=next_token,
        max_results=max_results,
    )
