"""How an organization comes to all features: each invited account agrees, then the management account does.

EnableAllFeatures makes one handshake for the whole, and one for each invited account, whose parent that is.
When all have agreed, the management account is asked to approve (APPROVE_ALL_FEATURES).
Source: "Enabling all features for an organization" in the Organizations User Guide.
"""

from __future__ import annotations

import msgspec

from rolekeeper import ids
from rolekeeper.iam.organization_requests import WAITING, Handshake
from rolekeeper.iam.organizations import Organization, OrganizationAccount
from rolekeeper.operations.organizations.membership import begin_service
from rolekeeper.operations.organizations.standing import Standing, every
from rolekeeper.service.call import Call


def approve_if_all_agree(call: Call, of: Standing, whole: Handshake) -> None:
    """Ask the management account to approve, once no invited account has still to agree."""
    kept = of.state.collection(Handshake)
    asked = [one for one in every(kept) if one.parent == whole.id]
    if whole.state(call.now) not in WAITING:
        return
    if any(one.action == "APPROVE_ALL_FEATURES" or one.answered != "ACCEPTED" for one in asked):
        return
    kept.add(
        msgspec.structs.replace(
            whole,
            id=ids.organizations_id("h-", 32),
            action="APPROVE_ALL_FEATURES",
            parent=whole.id,
            answered="OPEN",
        )
    )


def give_all_features(call: Call, of: Standing, approval: Handshake) -> None:
    """What the management account's approval does."""
    kept = of.state.collection(Handshake)
    whole = kept.find(approval.parent or "")
    if whole is not None:
        kept.put(msgspec.structs.replace(whole, answered="ACCEPTED"))
    changed = msgspec.structs.replace(of.organization, feature_set="ALL")
    of.state.collection(Organization).put(changed)
    for member in every(of.state.collection(OrganizationAccount)):
        begin_service(call, of, member.id)
