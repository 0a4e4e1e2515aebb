"""The form of a dump: what `aws iam get-account-authorization-details` writes, as far as it can be moved.

The members are AWS's. What else stands in a dump (counts, last uses) is passed over. Three members are ours,
for what AWS's form has no place for: a role's `Description` and `MaxSessionDuration`, a policy's `Tags`. A
document is kept as the bytes that stand there, so that no number changes its spelling on the way.
Source: "GetAccountAuthorizationDetails" in the IAM API Reference and its data types.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import unquote

import msgspec


class Shape(msgspec.Struct, frozen=True, kw_only=True, rename="pascal", omit_defaults=True):
    """What all parts share: members are named as AWS names them, and what is not given is left out."""


class Tag(Shape, frozen=True, kw_only=True, rename="pascal"):
    """A tag."""

    key: str
    value: str


class Inline(Shape, frozen=True, kw_only=True, rename="pascal"):
    """An inline policy."""

    policy_name: str
    policy_document: msgspec.Raw


class Attached(Shape, frozen=True, kw_only=True, rename="pascal"):
    """A managed policy that something has."""

    policy_name: str = ""
    policy_arn: str


class Boundary(Shape, frozen=True, kw_only=True, rename="pascal"):
    """A permissions boundary."""

    permissions_boundary_type: str = ""
    permissions_boundary_arn: str


class Version(Shape, frozen=True, kw_only=True, rename="pascal"):
    """One version of a managed policy."""

    document: msgspec.Raw
    version_id: str
    is_default_version: bool = False
    create_date: datetime


class Profile(Shape, frozen=True, kw_only=True, rename="pascal"):
    """An instance profile, which stands with its role."""

    path: str = "/"
    instance_profile_name: str
    instance_profile_id: str = ""
    arn: str
    create_date: datetime
    tags: tuple[Tag, ...] = ()


class User(Shape, frozen=True, kw_only=True, rename="pascal"):
    """A user with all that is its own."""

    path: str = "/"
    user_name: str
    user_id: str = ""
    arn: str
    create_date: datetime
    user_policy_list: tuple[Inline, ...] = ()
    group_list: tuple[str, ...] = ()
    attached_managed_policies: tuple[Attached, ...] = ()
    permissions_boundary: Boundary | None = None
    tags: tuple[Tag, ...] = ()


class Group(Shape, frozen=True, kw_only=True, rename="pascal"):
    """A group with its policies."""

    path: str = "/"
    group_name: str
    group_id: str = ""
    arn: str
    create_date: datetime
    group_policy_list: tuple[Inline, ...] = ()
    attached_managed_policies: tuple[Attached, ...] = ()


class Role(Shape, frozen=True, kw_only=True, rename="pascal"):
    """A role with all that is its own."""

    path: str = "/"
    role_name: str
    role_id: str = ""
    arn: str
    create_date: datetime
    assume_role_policy_document: msgspec.Raw
    instance_profile_list: tuple[Profile, ...] = ()
    role_policy_list: tuple[Inline, ...] = ()
    attached_managed_policies: tuple[Attached, ...] = ()
    permissions_boundary: Boundary | None = None
    tags: tuple[Tag, ...] = ()
    description: str | None = None
    max_session_duration: int | None = None


class Policy(Shape, frozen=True, kw_only=True, rename="pascal"):
    """A managed policy with its versions: the account's own, or one of AWS's that it uses."""

    policy_name: str
    policy_id: str = ""
    arn: str
    path: str = "/"
    default_version_id: str
    description: str = ""
    create_date: datetime
    update_date: datetime | None = None
    policy_version_list: tuple[Version, ...] = ()
    tags: tuple[Tag, ...] = ()


class Page(Shape, frozen=True, kw_only=True, rename="pascal"):
    """A page, or several as one."""

    user_detail_list: tuple[User, ...] = ()
    group_detail_list: tuple[Group, ...] = ()
    role_detail_list: tuple[Role, ...] = ()
    policies: tuple[Policy, ...] = ()
    denying: tuple[str, ...] = ()
    """Ours, between the command and the server: ARNs of policies that deny something."""


LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
"""The members of a page, one of which makes it one."""

Detail = User | Group | Role | Policy


def kind_and_name(detail: Detail) -> tuple[str, str]:
    """What something is, and what it is called."""
    match detail:
        case User(user_name=name):
            return "user", name
        case Group(group_name=name):
            return "group", name
        case Role(role_name=name):
            return "role", name
        case Policy(policy_name=name):
            return "policy", name


def text_of(document: msgspec.Raw) -> str:
    """The text of a document that stands as an object, or as a string: percent-encoded, or as it is.

    ValueError where it is none of these. Between the elements of an object there is no white space.
    """
    raw = bytes(document).strip()
    if raw.startswith(b"{"):
        return msgspec.json.format(raw, indent=-1).decode()
    if not raw.startswith(b'"'):
        raise ValueError("a policy document is an object or a string")
    text: str = msgspec.json.decode(raw, type=str)
    return unquote(text, errors="strict") if text.lstrip()[:1] == "%" else text
