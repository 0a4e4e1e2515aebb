"""The account's password policy: what its users' passwords must be, and whether they may change their own."""

from __future__ import annotations

from typing import Any

import msgspec

from rolekeeper.errors import NoSuchEntity
from rolekeeper.iam.passwords import PasswordPolicy
from rolekeeper.operations import resources
from rolekeeper.service.call import Call, Resource
from rolekeeper.service.registry import operation


def find(call: Call) -> PasswordPolicy | None:
    """The account's policy, or None where AWS's default holds."""
    return call.tx.collection(PasswordPolicy).find(PasswordPolicy.name)


def self_service(call: Call, resource: Resource) -> Resource:
    """The resource with the permission that AllowUsersToChangePassword gives to every user of the account.

    It is no policy of the user's: IAM gives it at the level of the account, so that it stands on the resource
    and names the user. A Deny is still a Deny.
    Source: "PasswordPolicy" in the IAM API Reference.
    """
    policy = find(call)
    if policy is None or not policy.users_may_change or call.caller.user is None:
        return resource
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": call.caller.principal.arn},
        "Action": call.operation.action,
        "Resource": "*",
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return msgspec.structs.replace(resource, policy=msgspec.json.encode(document).decode())


def _seen_by_users(call: Call) -> Resource:
    return self_service(call, resources.everything(call))


@operation(resource=resources.everything, writes=True)
def update_account_password_policy(
    call: Call,
    *,
    minimum_password_length: int = 6,
    require_symbols: bool = False,
    require_numbers: bool = False,
    require_uppercase_characters: bool = False,
    require_lowercase_characters: bool = False,
    allow_users_to_change_password: bool = False,
    max_password_age: int | None = None,
    password_reuse_prevention: int | None = None,
    hard_expiry: bool | None = None,
) -> dict[str, Any]:
    """Put the policy in place of the one before; what is not given is as if it had never been."""
    policy = PasswordPolicy(
        account=call.account,
        minimum_length=minimum_password_length,
        symbols=require_symbols,
        numbers=require_numbers,
        uppercase=require_uppercase_characters,
        lowercase=require_lowercase_characters,
        users_may_change=allow_users_to_change_password,
        max_age=max_password_age,
        remembered=password_reuse_prevention,
        hard_expiry=hard_expiry,
    )
    policies = call.tx.collection(PasswordPolicy)
    if find(call) is None:
        policies.add(policy)
    else:
        policies.put(policy)
    return {}


@operation(resource=_seen_by_users)
def get_account_password_policy(call: Call) -> dict[str, Any]:
    """Read the policy; NoSuchEntity where AWS's default holds, which this does not show."""
    policy = find(call)
    if policy is None:
        raise NoSuchEntity(f"The Password Policy with domain name {call.account} cannot be found.")
    view: dict[str, Any] = {
        "MinimumPasswordLength": policy.minimum_length,
        "RequireSymbols": policy.symbols,
        "RequireNumbers": policy.numbers,
        "RequireUppercaseCharacters": policy.uppercase,
        "RequireLowercaseCharacters": policy.lowercase,
        "AllowUsersToChangePassword": policy.users_may_change,
        "ExpirePasswords": policy.max_age is not None,
    }
    more = {
        "MaxPasswordAge": policy.max_age,
        "PasswordReusePrevention": policy.remembered,
        "HardExpiry": policy.hard_expiry,
    }
    return {"PasswordPolicy": view | {member: value for member, value in more.items() if value is not None}}


@operation(resource=resources.everything, writes=True)
def delete_account_password_policy(call: Call) -> dict[str, Any]:
    """Go back to AWS's default."""
    policies = call.tx.collection(PasswordPolicy)
    policies.delete(policies.get(PasswordPolicy.name))
    return {}
