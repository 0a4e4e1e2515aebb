"""Groups and who is in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from rolekeeper import ids
from rolekeeper.errors import DeleteConflict, EntityAlreadyExists, LimitExceeded, NoSuchEntity
from rolekeeper.iam.entities import Group
from rolekeeper.operations import attachments, paging, renaming, resources, views
from rolekeeper.service.call import Access, Call
from rolekeeper.service.registry import operation


@operation(resource=resources.group, writes=True)
def create_group(call: Call, *, group_name: str, path: str = "/") -> dict[str, Any]:
    """Make a group."""
    if call.tx.groups.count() >= call.limits.groups:
        raise LimitExceeded(f"Cannot exceed quota for GroupsPerAccount: {call.limits.groups}")
    group = Group(
        account=call.account,
        name=group_name,
        name_path=path,
        id=ids.unique_id(ids.GROUP, call.account),
        created=call.now.replace(microsecond=0),
    )
    call.tx.groups.add(group)
    return {"Group": views.group(call, group)}


@operation(resource=resources.group)
def get_group(
    call: Call, *, group_name: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """Read a group with its users."""
    group = call.tx.groups.get(group_name)
    found = (call.tx.users.find(key) for key in call.tx.links.sources("member", group.key))
    page = paging.of_list(
        [user for user in found if user is not None],
        "Users",
        key=lambda user: user.key,
        view=lambda user: views.user(call, user, listed=True),
        marker=marker,
        max_items=max_items,
    )
    return {"Group": views.group(call, group), **page}


@operation(resource=resources.groups)
def list_groups(
    call: Call, *, path_prefix: str = "/", marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """List the groups under a path."""
    return paging.of_collection(
        call.tx.groups,
        "Groups",
        lambda group: views.group(call, group),
        path_prefix=path_prefix,
        marker=marker,
        max_items=max_items,
    )


def _renamed(
    call: Call, *, group_name: str, new_path: str | None = None, new_group_name: str | None = None
) -> Iterable[Access]:
    return renaming.target(call, Group, group_name, new_path, new_group_name)


@operation(resource=resources.group, also=_renamed, writes=True)
def update_group(
    call: Call, *, group_name: str, new_path: str | None = None, new_group_name: str | None = None
) -> dict[str, Any]:
    """Rename or move a group."""
    group = call.tx.groups.get(group_name)
    renamed = msgspec.structs.replace(
        group,
        name=new_group_name if new_group_name is not None else group.name,
        name_path=new_path if new_path is not None else group.path,
    )
    if renamed.key == group.key:
        call.tx.groups.put(renamed)
        return {}
    if call.tx.groups.find(renamed.key) is not None:
        raise EntityAlreadyExists(f"Group with name {new_group_name} already exists.")
    call.tx.groups.delete(group)
    call.tx.groups.add(renamed)
    links = call.tx.links
    renaming.move_source(links, "attachment", attachments.source(group), attachments.source(renamed))
    renaming.move_target(links, "member", group.key, renamed.key)
    return {}


@operation(resource=resources.group, writes=True)
def delete_group(call: Call, *, group_name: str) -> dict[str, Any]:
    """Delete a group that has no users and no policies."""
    group = call.tx.groups.get(group_name)
    if call.tx.links.sources("member", group.key):
        raise DeleteConflict("Cannot delete entity, must remove users from group first.")
    attachments.refuse_while_attached(call, group)
    call.tx.groups.delete(group)
    return {}


@operation(resource=resources.group, writes=True)
def add_user_to_group(call: Call, *, group_name: str, user_name: str) -> dict[str, Any]:
    """Put a user into a group."""
    group, user = call.tx.groups.get(group_name), call.tx.users.get(user_name)
    links = call.tx.links
    quota = call.limits.groups_per_user
    if not links.has("member", user.key, group.key) and len(links.targets("member", user.key)) >= quota:
        raise LimitExceeded(f"Cannot exceed quota for GroupsPerUser: {quota}")
    links.add("member", user.key, group.key)
    return {}


@operation(resource=resources.group, writes=True)
def remove_user_from_group(call: Call, *, group_name: str, user_name: str) -> dict[str, Any]:
    """Take a user out of a group."""
    group, user = call.tx.groups.get(group_name), call.tx.users.get(user_name)
    if not call.tx.links.remove("member", user.key, group.key):
        raise NoSuchEntity(f"The user with name {user_name} is not in the group with name {group_name}.")
    return {}


@operation(resource=resources.user)
def list_groups_for_user(
    call: Call, *, user_name: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """List the groups that a user is in."""
    user = call.tx.users.get(user_name)
    found = (call.tx.groups.find(key) for key in call.tx.links.targets("member", user.key))
    return paging.of_list(
        [group for group in found if group is not None],
        "Groups",
        key=lambda group: group.key,
        view=lambda group: views.group(call, group),
        marker=marker,
        max_items=max_items,
    )
