"""GetAccountAuthorizationDetails: all that decides in an account, in one list over five kinds of things.

The list goes through users, groups, roles, the account's own policies and those of AWS's that it uses, each
in the order of their keys. A page is read from where the last one ended; nothing is held between two pages.

A page is small, whatever `MaxItems` asks for: all others wait while it is made. AWS may return fewer, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from rolekeeper.errors import ValidationError
from rolekeeper.iam import aws_policies
from rolekeeper.iam.entities import Group, ManagedPolicy, Role, User
from rolekeeper.operations import attachments, paging, resources, views
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation

MOST = 100
"""Things in one page."""
ENOUGH = 256 << 10
"""Characters of documents after which a page ends."""


class _Part(NamedTuple):
    """One kind of things: its name in a filter, its list in the answer, a page of it, a view of one, and the
    documents that this shows."""

    filter: str
    member: str
    page: Callable[[Call, str | None, int], tuple[list[Any], bool]]
    view: Callable[[Call, Any], dict[str, Any]]
    documents: Callable[[Any], Iterable[str]]


@operation(resource=resources.everything)
def get_account_authorization_details(
    call: Call, *, filter: list[str] | None = None, max_items: int | None = None, marker: str | None = None
) -> dict[str, Any]:
    """Read users, groups, roles and policies with everything that connects them."""
    start, after = _place(marker)
    left, room = min(max_items or paging.DEFAULT_ITEMS, MOST), ENOUGH
    answer: dict[str, Any] = {part.member: [] for part in _PARTS}
    last = marker
    for number, part in enumerate(_PARTS):
        if number < start or (filter and part.filter not in filter):
            continue
        found, more = part.page(call, after if number == start else None, left)
        for entity in found:
            if room <= 0:
                return {**answer, "IsTruncated": True, "Marker": last}
            answer[part.member].append(part.view(call, entity))
            last = paging.marker_of(f"{number}/{entity.key}")
            room -= sum(map(len, part.documents(entity)))
        left -= len(found)
        if more:  # of this part, or with nothing left, of one that comes after a full page
            return {**answer, "IsTruncated": True, "Marker": last}
    return {**answer, "IsTruncated": False}


def _place(marker: str | None) -> tuple[int, str | None]:
    """The number of the part where a page begins, and the key behind which it does."""
    text = paging.key_of(marker)
    if text is None:
        return 0, None
    number, _, key = text.partition("/")
    if number not in {str(one) for one in range(len(_PARTS))}:
        raise ValidationError("Invalid Marker.")
    return int(number), key


# -- pages ------------------------------------------------------------------------------------------


def _users(call: Call, after: str | None, limit: int) -> tuple[list[User], bool]:
    return call.tx.users.page(after=after, limit=limit)


def _groups(call: Call, after: str | None, limit: int) -> tuple[list[Group], bool]:
    return call.tx.groups.page(after=after, limit=limit)


def _roles(call: Call, after: str | None, limit: int) -> tuple[list[Role], bool]:
    return call.tx.roles.page(after=after, limit=limit)


def _own_policies(call: Call, after: str | None, limit: int) -> tuple[list[ManagedPolicy], bool]:
    return call.tx.policies.page(after=after, limit=limit)


def _aws_policies(call: Call, after: str | None, limit: int) -> tuple[list[ManagedPolicy], bool]:
    found: list[ManagedPolicy] = []
    key = after or ""
    while len(found) <= limit:
        following = _following(call, f"{aws_policies.OWNER}/{key}")
        if following is None:
            break
        key = following.partition("/")[2]
        policy = aws_policies.find(key)
        if policy is not None:
            found.append(policy)
    return found[:limit], len(found) > limit


def _following(call: Call, reference: str) -> str | None:
    """The next of AWS's policies that something in the account has."""
    links = call.tx.links
    found = (links.next_target(kind, reference) for kind in ("attachment", "boundary"))
    return min((one for one in found if one and one.startswith(f"{aws_policies.OWNER}/")), default=None)


# -- views ------------------------------------------------------------------------------------------


def _user(call: Call, user: User) -> dict[str, Any]:
    groups = (call.tx.groups.find(key) for key in call.tx.links.targets("member", user.key))
    return {
        **views.user(call, user),
        "UserPolicyList": _inline(user),
        "GroupList": [group.name for group in groups if group is not None],
        "AttachedManagedPolicies": _attached(call, user),
    }


def _group(call: Call, group: Group) -> dict[str, Any]:
    return {
        **views.group(call, group),
        "GroupPolicyList": _inline(group),
        "AttachedManagedPolicies": _attached(call, group),
    }


def _role(call: Call, role: Role) -> dict[str, Any]:
    keys = call.tx.links.sources("profile-role", role.key)
    profiles = (call.tx.instance_profiles.find(key) for key in keys)
    shown = dict(views.used_role(call, role))
    return {
        **{member: shown[member] for member in _OF_A_ROLE if member in shown},
        "InstanceProfileList": [views.instance_profile(call, one) for one in profiles if one is not None],
        "RolePolicyList": _inline(role),
        "AttachedManagedPolicies": _attached(call, role),
    }


_OF_A_ROLE = (
    "Path",
    "RoleName",
    "RoleId",
    "Arn",
    "CreateDate",
    "AssumeRolePolicyDocument",
    "PermissionsBoundary",
    "Tags",
    "RoleLastUsed",
)
"""What of a role has a place in the answer: neither its description nor its longest session."""


def _policy(call: Call, policy: ManagedPolicy) -> dict[str, Any]:
    """A policy with its versions, the newest first; of AWS's own only the one in force."""
    shown = views.policy(call, policy, listed=True)
    if policy.description:
        shown["Description"] = policy.description
    shown["PolicyVersionList"] = [
        views.policy_version(policy, version, with_document=True) for version in reversed(policy.versions)
    ]
    return shown


def _inline(entity: User | Group | Role) -> list[dict[str, str]]:
    return [
        {"PolicyName": name, "PolicyDocument": views.encoded(document)}
        for name, document in sorted(entity.inline.items())
    ]


def _attached(call: Call, entity: User | Group | Role) -> list[dict[str, str]]:
    return [
        {"PolicyName": policy.name, "PolicyArn": policy.arn(call.partition)}
        for policy in attachments.attached(call, entity)
    ]


def _inline_documents(entity: User | Group) -> Iterable[str]:
    return entity.inline.values()


def _role_documents(role: Role) -> Iterable[str]:
    return (role.trust, *role.inline.values())


def _policy_documents(policy: ManagedPolicy) -> Iterable[str]:
    return (version.document for version in policy.versions)


_PARTS = (
    _Part("User", "UserDetailList", _users, _user, _inline_documents),
    _Part("Group", "GroupDetailList", _groups, _group, _inline_documents),
    _Part("Role", "RoleDetailList", _roles, _role, _role_documents),
    _Part("LocalManagedPolicy", "Policies", _own_policies, _policy, _policy_documents),
    _Part("AWSManagedPolicy", "Policies", _aws_policies, _policy, _policy_documents),
)
