"""Brings managed policies, with their versions under the IDs that they have."""

from __future__ import annotations

import msgspec

from rolekeeper import ids
from rolekeeper.arn import iam_arn
from rolekeeper.errors import AwsError, InvalidInput, LimitExceeded
from rolekeeper.iam.entities import ManagedPolicy, PolicyVersion
from rolekeeper.moving.form import Policy, Version, text_of
from rolekeeper.moving.hand import Hand, moment
from rolekeeper.moving.identity import make, refuse_another_path
from rolekeeper.moving.parts import retag, same, tag_members, words
from rolekeeper.moving.report import Loss
from rolekeeper.operations import documents


def bring_policy(hand: Hand, losses: list[Loss], *, given: Policy) -> bool:
    """Make a policy what the dump says; whether it is new. AwsError where its version in force is refused."""
    in_force = next((one for one in given.policy_version_list if _is_default(given, one)), None)
    if in_force is None:
        raise InvalidInput(f"the dump has no version {given.default_version_id} of it, which is in force")
    here = hand.tx.policies.find(given.policy_name)
    if here is None:
        _make(hand, given, in_force)
    else:
        refuse_another_path(here, given.path)
    policy = hand.tx.policies.get(given.policy_name)
    versions = _versions(hand, policy, given, losses)
    if (versions, given.default_version_id) != (policy.versions, policy.default_version):
        _tell(hand, policy, versions, given.default_version_id, new=here is None)
        policy = msgspec.structs.replace(
            policy,
            versions=versions,
            default_version=given.default_version_id,
            next_version=max(policy.next_version if here else 1, _number(versions[-1].id) + 1),
            updated=moment(given.update_date or given.create_date),
        )
        hand.tx.policies.put(policy)
    if given.tags:  # AWS's dumps have none of policies, which says nothing of those that are here
        retag(hand, "Policy", {"PolicyArn": policy.arn(hand.partition)}, policy.tags, given.tags)
    return here is None


def _make(hand: Hand, given: Policy, in_force: Version) -> None:
    policy = make(
        hand,
        "CreatePolicy",
        ManagedPolicy,
        given.policy_id,
        given.create_date,
        PolicyName=given.policy_name,
        Path=given.path,
        PolicyDocument=text_of(in_force.document),
        Description=given.description or None,
        Tags=tag_members(given.tags),
    )
    updated = moment(given.update_date or given.create_date)
    hand.tx.policies.put(msgspec.structs.replace(policy, updated=updated))


def _versions(
    hand: Hand, here: ManagedPolicy, given: Policy, losses: list[Loss]
) -> tuple[PolicyVersion, ...]:
    """The versions as they are to be, the oldest first."""
    call = hand.call("CreatePolicyVersion")
    known = {version.id: version for version in here.versions}
    found = {}
    for version in given.policy_version_list:
        text = text_of(version.document)
        mine = known.get(version.version_id)
        if mine is not None and same(text, mine.document) and mine.created == moment(version.create_date):
            found[version.version_id] = mine
            continue
        try:
            _number(version.version_id)
            kept = documents.managed_policy(call, text)
        except AwsError as error:
            if _is_default(given, version):
                raise
            part = f"version {version.version_id}"
            losses.append(Loss(kind="policy", name=given.policy_name, part=part, reason=words(error)))
            continue
        found[version.version_id] = PolicyVersion(
            id=version.version_id, document=kept, created=moment(version.create_date)
        )
    if len(found) > hand.limits.versions_per_policy:
        raise LimitExceeded(f"A managed policy can have up to {hand.limits.versions_per_policy} versions.")
    return tuple(sorted(found.values(), key=lambda version: _number(version.id)))


def _tell(
    hand: Hand, here: ManagedPolicy, versions: tuple[PolicyVersion, ...], default: str, *, new: bool
) -> None:
    """The events of what became of the versions: for a new policy, of those that came after it was made."""
    arn = iam_arn(hand.partition, hand.account, "policy", here.path, here.name)
    before = {version.id: version for version in here.versions}
    after = {version.id: version for version in versions}
    for version in versions:
        if version != before.get(version.id) and not (new and version.id == default):
            hand.note("CreatePolicyVersion", PolicyArn=arn, PolicyDocument=version.document)
    if new:
        return
    if default != here.default_version:
        hand.note("SetDefaultPolicyVersion", PolicyArn=arn, VersionId=default)
    for gone in before.keys() - after.keys():
        hand.note("DeletePolicyVersion", PolicyArn=arn, VersionId=gone)


def _is_default(given: Policy, version: Version) -> bool:
    return version.version_id == given.default_version_id


def _number(version_id: str) -> int:
    number = version_id.removeprefix(ids.POLICY_VERSION_PREFIX)
    if not (number.isascii() and number.isdigit() and len(number) < 9 and version_id != number):
        raise InvalidInput(f"{version_id[:64]} is not the ID of a policy's version")
    return int(number)
