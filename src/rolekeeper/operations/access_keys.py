"""Long-lived access keys of users and of the root user. The secret is shown once, when the key is made.

When a key was last used is in the audit trail; a call counts also if it was refused.
"""

from __future__ import annotations

from typing import Any

import msgspec

from rolekeeper import ids
from rolekeeper.arn import iam_arn, root_arn
from rolekeeper.errors import AccessDenied, LimitExceeded, NoSuchEntity
from rolekeeper.iam.entities import AccessKey, User
from rolekeeper.iam.secret import Secret
from rolekeeper.operations import paging, resources, users, views
from rolekeeper.service.call import Call, Resource
from rolekeeper.service.registry import operation

ROOT = "<root_account>"  # the owner's name that AWS shows for the root user's keys


def _owner(call: Call, user_name: str | None) -> tuple[str | None, str]:
    """Key and shown name of the user whose keys are meant; (None, ...) for the root user."""
    if user_name is None and call.caller.is_root:
        return None, ROOT
    user = users.named_or_caller(call, user_name)
    return user.key, user.name


def of(call: Call, owner: str | None) -> list[AccessKey]:
    """The keys of a user, by its key, or of the root user (None)."""
    found = (call.tx.access_keys.find(key) for key in call.tx.links.targets("key", owner or ""))
    return [key for key in found if key is not None]


def _get(call: Call, owner: str | None, access_key_id: str) -> AccessKey:
    key = call.tx.access_keys.find(access_key_id)
    if key is None or key.user != owner:
        raise NoSuchEntity(f"The Access Key with id {access_key_id} cannot be found.")
    return key


@operation(resource=resources.user, writes=True)
def create_access_key(call: Call, *, user_name: str | None = None) -> dict[str, Any]:
    """Make an access key; the only answer that shows its secret."""
    owner, shown = _owner(call, user_name)
    quota = call.limits.access_keys_per_user
    if len(of(call, owner)) >= quota:
        raise LimitExceeded(f"Cannot exceed quota for AccessKeysPerUser: {quota}")
    key = AccessKey(
        account=call.account,
        id=ids.access_key_id(ids.LONG_LIVED_KEY, call.account),
        user=owner,
        created=call.now.replace(microsecond=0),
    )
    secret = ids.secret_access_key()
    call.tx.access_keys.add(key)
    call.tx.links.add("key", owner or "", key.id)
    call.tx.secrets.put(AccessKey.kind, key.id, Secret(secret))
    return {"AccessKey": {**views.access_key(key, shown), "SecretAccessKey": secret}}


@operation(resource=resources.user)
def list_access_keys(
    call: Call, *, user_name: str | None = None, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """List the access keys of a user."""
    owner, shown = _owner(call, user_name)
    return paging.of_list(
        of(call, owner),
        "AccessKeyMetadata",
        key=lambda key: key.id,
        view=lambda key: views.access_key(key, shown),
        marker=marker,
        max_items=max_items,
    )


@operation(resource=resources.user, writes=True)
def update_access_key(
    call: Call, *, access_key_id: str, status: str, user_name: str | None = None
) -> dict[str, Any]:
    """Switch an access key on or off."""
    key = _get(call, _owner(call, user_name)[0], access_key_id)
    call.tx.access_keys.put(msgspec.structs.replace(key, active=status == "Active"))
    return {}


@operation(resource=resources.user, writes=True)
def delete_access_key(call: Call, *, access_key_id: str, user_name: str | None = None) -> dict[str, Any]:
    """Delete an access key."""
    owner = _owner(call, user_name)[0]
    key = _get(call, owner, access_key_id)
    call.tx.links.remove("key", owner or "", key.id)
    call.tx.secrets.delete(AccessKey.kind, key.id)
    call.tx.access_keys.delete(key)
    return {}


def _owner_of(call: Call, *, access_key_id: str) -> Resource:
    """The user whose key it is. A key that is not there is for who may ask of every user."""
    key = call.tx.access_keys.find(access_key_id)
    if key is None:
        arn = iam_arn(call.partition, call.account, User.resource_type, "/", "*")
        return Resource(arn=arn, account=call.account)
    if key.user is None:
        return Resource(arn=root_arn(call.partition, call.account), account=call.account)
    return resources.user(call, user_name=key.user)


@operation(resource=_owner_of)
def get_access_key_last_used(call: Call, *, access_key_id: str) -> dict[str, Any]:
    """Tell when, where and with which service a key was last used; AccessDenied for one that is not here.

    The model has no NoSuchEntity for it: whether another account has the key, nobody is told.
    """
    key = call.tx.access_keys.find(access_key_id)
    if key is None:
        raise AccessDenied(
            f"User: {call.caller.principal.arn} is not authorized to perform: {call.operation.action} "
            f"on resource: access key {access_key_id}"
        )
    last = call.tx.usage.last(key)
    used: dict[str, Any] = {"ServiceName": "N/A", "Region": "N/A"}
    if last is not None:
        used = {"LastUsedDate": last.time, "ServiceName": last.service, "Region": last.region}
    owner = ROOT if key.user is None else call.tx.users.get(key.user).name
    return {"UserName": owner, "AccessKeyLastUsed": used}
