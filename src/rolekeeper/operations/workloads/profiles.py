"""Instance profiles on instances: one at most, from the launch on or later, replaced or taken away.

Whoever puts a profile on an instance hands its role to EC2. That the role trusts EC2 is not looked at here:
it shows when the instance asks for credentials, as with AWS.
Sources: "AssociateIamInstanceProfile", "ReplaceIamInstanceProfileAssociation" and "Error codes" in the EC2
API Reference; "Grant permissions to attach an IAM role to an instance" in the EC2 User Guide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rolekeeper.arn import Arn
from rolekeeper.errors import InvalidParameterValue
from rolekeeper.iam.entities import InstanceProfile, Role
from rolekeeper.iam.workloads import ASSOCIATED, Instance, ProfileAssociation, association_id
from rolekeeper.operations import pass_role
from rolekeeper.service.call import Access, Call

Named = Mapping[str, str]
"""EC2's `IamInstanceProfileSpecification`: the name of a profile, or its ARN."""


def named(call: Call, given: Named | None) -> InstanceProfile | None:
    """The profile that is meant; None where there is none in the account."""
    if not given:
        return None
    if "Arn" not in given:
        return call.tx.instance_profiles.find(given["Name"])
    try:
        arn = Arn.parse(given["Arn"])
    except ValueError:
        return None
    found = call.tx.instance_profiles.find(arn.name)
    return found if found is not None and found.arn(call.partition) == given["Arn"] else None


def usable(call: Call, given: Named) -> InstanceProfile:
    """The profile that is meant, with a role in it; InvalidParameterValue."""
    place = "arn" if "Arn" in given else "name"
    value = given.get("Arn") or given.get("Name", "")
    start = f"Value ({value}) for parameter iamInstanceProfile.{place} is invalid."
    profile = named(call, given)
    if profile is None:
        raise InvalidParameterValue(f"{start} Invalid IAM Instance Profile {place.replace('arn', 'ARN')}")
    if role_in(call, profile) is None:
        arn = profile.arn(call.partition)
        raise InvalidParameterValue(f'{start} IAM Instance Profile "{arn}" has no associated IAM Roles')
    return profile


def role_in(call: Call, profile: InstanceProfile) -> Role | None:
    """The role that a profile holds."""
    keys = call.tx.links.targets("profile-role", profile.key)
    return call.tx.roles.find(keys[0]) if keys else None


def passing(call: Call, given: Named | None, instance_arn: str) -> Iterator[Access]:
    """The role of a profile is handed to EC2. What is wrong with the profile, only who may do it is told."""
    profile = named(call, given)
    role = role_in(call, profile) if profile is not None else None
    if role is not None:
        yield pass_role.authorize_pass_role(call, role.arn(call.partition), Instance.service, instance_arn)


def associate(call: Call, instance: Instance, profile: InstanceProfile) -> ProfileAssociation:
    """Give an instance that has none a profile."""
    made = ProfileAssociation(
        account=call.account,
        id=association_id(),
        instance=instance.id,
        profile_id=profile.id,
        profile_name=profile.name_path + profile.name,
        created=call.now.replace(microsecond=0),
    )
    call.tx.collection(ProfileAssociation).add(made)
    call.tx.links.add(ASSOCIATED, instance.id, made.id)
    return made


def disassociate(call: Call, association: ProfileAssociation) -> None:
    """Take a profile from its instance."""
    call.tx.links.remove(ASSOCIATED, association.instance, association.id)
    call.tx.collection(ProfileAssociation).delete(association)
