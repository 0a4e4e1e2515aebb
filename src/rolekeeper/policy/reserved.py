"""What belongs to AWS in a customer's account, and no customer changes, whatever the policies allow.

AWS's managed policies, the roles that AWS makes under `/aws-reserved/` (those of IAM Identity Center), and
the aliases `alias/aws/...` of its own keys. Reading and using them is a matter of policies, as usual. Nor is
the answer one of policies: IAM calls the entity unmodifiable, and KMS the name of the alias invalid.
Source: "Managed policies and inline policies" in the IAM User Guide, "Referencing permission sets in resource
policies" in the IAM Identity Center User Guide, and CreateAlias in the KMS API Reference.
"""

from __future__ import annotations

from rolekeeper.policy.catalog import action as known_action

_READS = frozenset({"List", "Read"})
_PASSES = "iam:passrole"  # the reference calls it a Write, and it changes nothing
_ALIAS_CHANGES = frozenset({"kms:createalias", "kms:updatealias", "kms:deletealias"})


def is_reserved(action: str, resource: str) -> bool:
    """Whether the request would change what only AWS changes; both as in a request, the resource an ARN.

    An action of IAM that the reference does not know counts as a change.
    """
    parts = resource.split(":", 5)
    if len(parts) < 6:
        return False
    service, account, name = parts[2], parts[4], parts[5]
    if service == "kms":
        return name.startswith("alias/aws/") and action.lower() in _ALIAS_CHANGES
    of_aws = service == "iam" and (account == "aws" or name.startswith("role/aws-reserved/"))
    return of_aws and _changes(action)


def _changes(action: str) -> bool:
    name = action.lower()
    if name == _PASSES or not name.startswith("iam:"):
        return False  # such as sts:AssumeRole
    found = known_action(name)
    return found is None or not _READS.issuperset(found.access_levels)
