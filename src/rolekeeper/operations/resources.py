"""From an operation's input to the ARN that its policies must allow, one function a kind of resource.

What exists is named by its real ARN, with its path and its tags; what does not exist (yet) by the ARN that
it would have. So a refusal tells nobody whether a name is taken.
Source: "Actions, resources, and condition keys for AWS IAM" in the Service Authorization Reference.
"""

from __future__ import annotations

from typing import Any

from rolekeeper.arn import Arn, iam_arn, root_arn
from rolekeeper.iam.entities import Group, InstanceProfile, ManagedPolicy, Named, Role, User
from rolekeeper.service.authorizer import managed_policy_by_arn
from rolekeeper.service.call import Call, Resource
from rolekeeper.store.contract import Transaction


def everything(call: Call, **_: Any) -> Resource:
    """For actions that have no resource of their own."""
    return Resource(arn="*", account=call.account)


def role(call: Call, *, role_name: str, path: str = "/", **_: Any) -> Resource:
    """The role of `role_name`."""
    return named(call, Role, role_name, path)


def user(call: Call, *, user_name: str | None = None, path: str = "/", **_: Any) -> Resource:
    """The user of `user_name`, or the caller where the request names nobody."""
    if user_name is None:
        if call.caller.user is None:
            return Resource(arn=root_arn(call.partition, call.account), account=call.account)
        user_name = call.caller.user.name
    return named(call, User, user_name, path)


def group(call: Call, *, group_name: str, path: str = "/", **_: Any) -> Resource:
    """The group of `group_name`."""
    return named(call, Group, group_name, path)


def instance_profile(call: Call, *, instance_profile_name: str, path: str = "/", **_: Any) -> Resource:
    """The instance profile of `instance_profile_name`."""
    return named(call, InstanceProfile, instance_profile_name, path)


def new_policy(call: Call, *, policy_name: str, path: str = "/", **_: Any) -> Resource:
    """The managed policy that is to be made."""
    return named(call, ManagedPolicy, policy_name, path)


def policy(call: Call, *, policy_arn: str, **_: Any) -> Resource:
    """The managed policy of `policy_arn`."""
    try:
        arn = Arn.parse(policy_arn)
    except ValueError:
        return Resource(arn=policy_arn, account=call.account)
    found = managed_policy_by_arn(policy_arn, call.store)
    tags = found.tags if found is not None else {}
    # AWS's own policies belong to every account.
    owner = call.account if arn.account in ("", "aws") else arn.account
    return Resource(arn=policy_arn, account=owner, tags=tags)


def roles(call: Call, *, path_prefix: str = "/", **_: Any) -> Resource:
    """All roles under a path."""
    return _listing(call, Role, path_prefix)


def users(call: Call, *, path_prefix: str = "/", **_: Any) -> Resource:
    """All users under a path."""
    return _listing(call, User, path_prefix)


def groups(call: Call, *, path_prefix: str = "/", **_: Any) -> Resource:
    """All groups under a path."""
    return _listing(call, Group, path_prefix)


def policies(call: Call, *, path_prefix: str = "/", **_: Any) -> Resource:
    """All managed policies under a path: of more than one account, so that there is no ARN for them."""
    return Resource(arn=f"policy path {path_prefix}", account=call.account)


def instance_profiles(call: Call, *, path_prefix: str = "/", **_: Any) -> Resource:
    """All instance profiles under a path."""
    return _listing(call, InstanceProfile, path_prefix)


def named(call: Call, kind: type[Named], name: str, path: str) -> Resource:
    """The resource of an entity with a name."""
    return call.store.derived(_named, call.account, kind, name, path, call.partition)


def _named(
    store: Transaction, account: str, kind: type[Named], name: str, path: str, partition: str
) -> Resource:
    found = store.account(account).collection(kind).find(name)
    if found is None:
        return Resource(arn=iam_arn(partition, account, kind.resource_type, path, name), account=account)
    return Resource(arn=found.arn(partition), account=account, tags=getattr(found, "tags", {}))


def _listing(call: Call, kind: type[Named], prefix: str) -> Resource:
    return Resource(
        arn=iam_arn(call.partition, call.account, kind.resource_type, prefix, ""), account=call.account
    )
