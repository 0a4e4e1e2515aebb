"""KMS's condition keys, as a request says them; what it leaves to KMS counts as said, by KMS's own rules.

Names of condition keys have no case, so an encryption context whose names differ by that alone is refused.
Source: "AWS KMS condition keys" in the AWS KMS Developer Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.naming import refuse, strings, word
from rolekeeper.policy.context import KeyValue

_ALGORITHMS = frozenset({"Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"})
_MEMBERS = {
    "kms:bypasspolicylockoutsafetycheck": "BypassPolicyLockoutSafetyCheck",
    "kms:datakeypairspec": "KeyPairSpec",
    "kms:expirationmodel": "ExpirationModel",
    "kms:granteeprincipal": "GranteePrincipal",
    "kms:granteeserviceprincipal": "GranteeServicePrincipal",
    "kms:keyagreementalgorithm": "KeyAgreementAlgorithm",
    "kms:macalgorithm": "MacAlgorithm",
    "kms:primaryregion": "PrimaryRegion",
    "kms:replicaregion": "ReplicaRegion",
    "kms:retiringprincipal": "RetiringPrincipal",
    "kms:retiringserviceprincipal": "RetiringServicePrincipal",
    "kms:rotationperiodindays": "RotationPeriodInDays",
    "kms:signingalgorithm": "SigningAlgorithm",
    "kms:validto": "ValidTo",
    "kms:wrappingalgorithm": "WrappingAlgorithm",
    "kms:wrappingkeyspec": "WrappingKeySpec",
}


def keys(asked: Asked) -> Mapping[str, KeyValue]:
    """The service's condition keys of a request to KMS."""
    members, operation = asked.members, asked.operation.name
    found: dict[str, KeyValue] = {"kms:calleraccount": asked.account}
    found |= strings(members, **_MEMBERS)
    found |= context_keys(members.get("EncryptionContext"))
    if operation in _ALGORITHMS:  # what AWS takes where nothing is said counts as said
        found["kms:encryptionalgorithm"] = str(members.get("EncryptionAlgorithm") or "SYMMETRIC_DEFAULT")
    if operation in ("Sign", "Verify"):
        found["kms:messagetype"] = str(members.get("MessageType") or "RAW")
    if operation == "ScheduleKeyDeletion":
        days = members.get("PendingWindowInDays")
        found["kms:schedulekeydeletionpendingwindowindays"] = str(30 if days is None else days)
    if operation in ("PutKeyPolicy", "CreateKey"):
        found.setdefault("kms:bypasspolicylockoutsafetycheck", "false")
    if operation in ("CreateGrant", "ListGrants", "RevokeGrant"):
        found["kms:grantisforawsresource"] = "false"  # only AWS's services ask for grants of that kind
    return found | _grant(members) | (_new_key(members) if operation == "CreateKey" else {})


def context_keys(context: Mapping[str, str] | None) -> dict[str, KeyValue]:
    """Those of an encryption context, key by key."""
    found: dict[str, KeyValue] = {}
    for name, value in (context or {}).items():
        key = f"kms:encryptioncontext:{name.lower()}"
        if key in found:  # for a policy these two are one
            refuse(f"The encryption context has {name} twice")
        found[key] = value
    if found:
        found["kms:encryptioncontextkeys"] = tuple(context or ())
    return found


def _grant(members: Mapping[str, Any]) -> dict[str, KeyValue]:
    found: dict[str, KeyValue] = {}
    if members.get("Operations"):
        found["kms:grantoperations"] = tuple(members["Operations"])
    constraints: Mapping[str, Any] = members.get("Constraints") or {}
    kinds = [name for name in ("EncryptionContextEquals", "EncryptionContextSubset") if constraints.get(name)]
    for name in kinds:
        found["kms:grantconstrainttype"] = name
        found |= context_keys(constraints[name])
    if constraints.get("SourceArn"):
        found["kms:grantconstraintsourcearn"] = str(constraints["SourceArn"])
    return found


def _new_key(members: Mapping[str, Any]) -> dict[str, KeyValue]:
    spec = str(members.get("KeySpec") or members.get("CustomerMasterKeySpec") or "SYMMETRIC_DEFAULT")
    usage = str(members.get("KeyUsage") or "ENCRYPT_DECRYPT")
    several = bool(members.get("MultiRegion"))
    found: dict[str, KeyValue] = {
        "kms:keyspec": spec,
        "kms:customermasterkeyspec": spec,
        "kms:keyusage": usage,
        "kms:customermasterkeyusage": usage,
        "kms:keyorigin": str(members.get("Origin") or "AWS_KMS"),
        "kms:multiregion": word(several),
    }
    return found | ({"kms:multiregionkeytype": "PRIMARY"} if several else {})
