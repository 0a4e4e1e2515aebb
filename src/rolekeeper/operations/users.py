"""Users: made, read, renamed, deleted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from rolekeeper import ids
from rolekeeper.arn import root_arn
from rolekeeper.errors import DeleteConflict, EntityAlreadyExists, LimitExceeded, ValidationError
from rolekeeper.iam import tagging
from rolekeeper.iam.entities import Account, User
from rolekeeper.iam.passwords import LoginProfile
from rolekeeper.operations import (
    attachments,
    belongings,
    boundaries,
    creation,
    paging,
    renaming,
    resources,
    views,
)
from rolekeeper.service.call import Access, Call
from rolekeeper.service.registry import operation


def named_or_caller(call: Call, user_name: str | None) -> User:
    """The user that a request names, or the caller; ValidationError where the caller is no user."""
    if user_name is not None:
        return call.tx.users.get(user_name)
    if call.caller.user is None:
        raise ValidationError("Must specify userName when calling with non-User credentials")
    return call.caller.user


@operation(
    resource=resources.user,
    keys=boundaries.boundary_key,
    also=creation.tagged("iam:TagUser", resources.user),
    writes=True,
)
def create_user(
    call: Call,
    *,
    user_name: str,
    path: str = "/",
    permissions_boundary: str | None = None,
    tags: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """Make a user, which has no key, no password and no permission yet."""
    if call.tx.users.count() >= call.limits.users:
        raise LimitExceeded(f"Cannot exceed quota for UsersPerAccount: {call.limits.users}")
    user = User(
        account=call.account,
        name=user_name,
        name_path=path,
        id=ids.unique_id(ids.USER, call.account),
        created=call.now.replace(microsecond=0),
        tags=tagging.merged({}, tags, limit=call.limits.tags),
    )
    call.tx.users.add(user)
    if permissions_boundary is not None:
        user = boundaries.put(call, user, permissions_boundary)
    return {"User": views.user(call, user)}


@operation(resource=resources.user)
def get_user(call: Call, *, user_name: str | None = None) -> dict[str, Any]:
    """Read a user; without a name, the caller."""
    if user_name is None and call.caller.is_root:
        account = call.tx.collection(Account).get(call.account)
        return {
            "User": {
                "Path": "/",
                "UserName": account.name,
                "UserId": call.account,
                "Arn": root_arn(call.partition, call.account),
                "CreateDate": account.created,
            }
        }
    return {"User": views.user(call, named_or_caller(call, user_name))}


@operation(resource=resources.users)
def list_users(
    call: Call, *, path_prefix: str = "/", marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """List the users under a path."""
    return paging.of_collection(
        call.tx.users,
        "Users",
        lambda user: views.user(call, user, listed=True),
        path_prefix=path_prefix,
        marker=marker,
        max_items=max_items,
    )


def _renamed(
    call: Call, *, user_name: str, new_path: str | None = None, new_user_name: str | None = None
) -> Iterable[Access]:
    return renaming.target(call, User, user_name, new_path, new_user_name)


@operation(resource=resources.user, also=_renamed, writes=True)
def update_user(
    call: Call, *, user_name: str, new_path: str | None = None, new_user_name: str | None = None
) -> dict[str, Any]:
    """Rename or move a user. Its ID stays, and with it every trust policy that names it."""
    user = call.tx.users.get(user_name)
    renamed = msgspec.structs.replace(
        user,
        name=new_user_name if new_user_name is not None else user.name,
        name_path=new_path if new_path is not None else user.path,
    )
    if renamed.key == user.key:
        call.tx.users.put(renamed)
        return {}
    if call.tx.users.find(renamed.key) is not None:
        raise EntityAlreadyExists(f"User with name {new_user_name} already exists.")
    call.tx.users.delete(user)
    call.tx.users.add(renamed)
    links = call.tx.links
    for kind in ("attachment", "boundary"):
        renaming.move_source(links, kind, attachments.source(user), attachments.source(renamed))
    for key_id in links.targets("key", user.key):
        key = call.tx.access_keys.get(key_id)
        call.tx.access_keys.put(msgspec.structs.replace(key, user=renamed.key))
    for kind in ("member", "key", *belongings.KINDS):
        renaming.move_source(links, kind, user.key, renamed.key)
    return {}


@operation(resource=resources.user, writes=True)
def delete_user(call: Call, *, user_name: str) -> dict[str, Any]:
    """Delete a user that has no key, no group and no policy."""
    user = call.tx.users.get(user_name)
    if call.tx.links.targets("key", user.key):
        raise DeleteConflict("Cannot delete entity, must delete access keys first.")
    belongings.refuse_while_any(call, user)
    if call.tx.links.targets("member", user.key):
        raise DeleteConflict("Cannot delete entity, must remove users from group first.")
    if call.tx.collection(LoginProfile).find(user.id) is not None:
        raise DeleteConflict("Cannot delete entity, must delete login profile first.")
    attachments.refuse_while_attached(call, user)
    boundaries.forget(call, user)
    call.tx.users.delete(user)
    return {}
