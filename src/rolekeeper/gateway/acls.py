"""Access control lists of buckets and objects: read from requests, told in answers, and as policies.

An ACL stands in a request in one of three ways: as a canned one, as headers that grant, or as XML. Whatever
the way, it becomes `Grants`, in which accounts have their canonical IDs. What a grant allows is told as
statements, so that it is decided like everything else.
Source: "Access control list (ACL) overview" in the Amazon S3 User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast, get_args

from rolekeeper.arn import root_arn
from rolekeeper.errors import InvalidArgument
from rolekeeper.errors.buckets import MalformedAclError, UnresolvableGrantByEmailAddress
from rolekeeper.gateway.canonical_ids import accounts_by_id, by_email
from rolekeeper.iam.buckets import Grant, Grants, Permission
from rolekeeper.store.contract import Transaction

_GROUPS = "http://acs.amazonaws.com/groups/"
EVERYBODY: Final = _GROUPS + "global/AllUsers"
AUTHENTICATED: Final = _GROUPS + "global/AuthenticatedUsers"
LOGS: Final = _GROUPS + "s3/LogDelivery"
_EC2 = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c"  # reads bundles of images

_BUCKETS = "bucket owner"  # stands for it
_CANNED: Mapping[str, tuple[tuple[str, Permission], ...]] = {
    "private": (),
    "public-read": ((EVERYBODY, "READ"),),
    "public-read-write": ((EVERYBODY, "READ"), (EVERYBODY, "WRITE")),
    "authenticated-read": ((AUTHENTICATED, "READ"),),
    "aws-exec-read": ((_EC2, "READ"),),
    "bucket-owner-read": ((_BUCKETS, "READ"),),
    "bucket-owner-full-control": ((_BUCKETS, "FULL_CONTROL"),),
    "log-delivery-write": ((LOGS, "WRITE"), (LOGS, "READ_ACP")),
}
_HEADERS: Mapping[str, Permission] = {
    "GrantFullControl": "FULL_CONTROL",
    "GrantRead": "READ",
    "GrantReadACP": "READ_ACP",
    "GrantWrite": "WRITE",
    "GrantWriteACP": "WRITE_ACP",
}
MEMBERS: Final = frozenset({"ACL", "AccessControlPolicy", *_HEADERS})
"""The members of an input that say an ACL."""

_GRANTEE = re.compile(r'\s*(id|uri|emailAddress)\s*=\s*(?:"([^"]*)"|([^",]*?))\s*(?:,|$)', re.IGNORECASE)


def has_acl(members: Mapping[str, Any]) -> bool:
    """Whether a request says an ACL."""
    return not MEMBERS.isdisjoint(members)


def read(tx: Transaction, members: Mapping[str, Any], owner: str, bucket_owner: str) -> Grants:
    """The ACL that a request says, of a thing of `owner`'s; both owners are canonical IDs.

    None where it says none, or that of something new. AwsError where it cannot be.
    """
    headers = [name for name in _HEADERS if members.get(name)]
    if "ACL" in members and headers:
        raise InvalidArgument("Specifying both Canned ACLs and Header Grants is not allowed")
    if "ACL" in members:
        return _canned(str(members["ACL"]), owner, bucket_owner)
    if headers:
        named = ((_HEADERS[name], who) for name in headers for who in _grantees(tx, str(members[name])))
        return _own_left_out(tuple(Grant(grantee=who, permission=each) for each, who in named), owner)
    if "AccessControlPolicy" in members:
        return _own_left_out(tuple(_in_xml(tx, members["AccessControlPolicy"], owner)), owner)
    return ()


def is_public(grants: Grants) -> bool:
    """Whether it lets everybody in, or everybody who has an account."""
    return any(each.grantee in (EVERYBODY, AUTHENTICATED) for each in grants)


def gives_full_control(grants: Grants, owner: str) -> bool:
    """Whether it says just that this owner has full control, which it has in any case."""
    return all(each == Grant(grantee=owner, permission="FULL_CONTROL") for each in grants)


def gives_bucket_owner_all(members: Mapping[str, Any], grants: Grants, bucket_owner: str) -> bool:
    """Whether a request says no more than that the bucket's owner has full control: so it may be said where
    there are no ACLs."""
    if "ACL" in members:
        return str(members["ACL"]) == "bucket-owner-full-control"
    return gives_full_control(grants, bucket_owner)


def shown(grants: Grants, owner: str) -> dict[str, Any]:
    """The ACL by the members of S3's model."""
    listed = grants or (Grant(grantee=owner, permission="FULL_CONTROL"),)
    return {"Owner": {"ID": owner}, "Grants": [_shown(each) for each in listed]}


def _shown(grant: Grant) -> dict[str, Any]:
    grantee = (
        {"URI": grant.grantee, "Type": "Group"}
        if grant.is_group
        else {"ID": grant.grantee, "Type": "CanonicalUser"}
    )
    return {"Grantee": grantee, "Permission": grant.permission}


# -- what they allow --------------------------------------------------------------------------------

OBJECT_ACTIONS: Final[Mapping[Permission, tuple[str, ...]]] = {
    "READ": ("s3:GetObject", "s3:GetObjectVersion"),
    "READ_ACP": ("s3:GetObjectAcl", "s3:GetObjectVersionAcl"),
    "WRITE_ACP": ("s3:PutObjectAcl", "s3:PutObjectVersionAcl"),
}
BUCKET_ACTIONS: Final[Mapping[Permission, tuple[str, ...]]] = {
    "READ": ("s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"),
    "WRITE": ("s3:PutObject",),
    "READ_ACP": ("s3:GetBucketAcl",),
    "WRITE_ACP": ("s3:PutBucketAcl",),
}


def statements(
    tx: Transaction,
    grants: Grants,
    actions: Mapping[Permission, tuple[str, ...]],
    partition: str,
    *,
    ignore_public: bool,
) -> Iterator[dict[str, Any]]:
    """What grants allow, as statements of a policy on the very thing that has the ACL."""
    accounts = accounts_by_id(tx)
    for grant in grants:
        if ignore_public and is_public((grant,)):
            continue
        who = _principal(grant, accounts, partition)
        full = grant.permission == "FULL_CONTROL"
        allowed = [one for each, some in actions.items() if full or each == grant.permission for one in some]
        if who is not None and allowed:
            yield {"Sid": "ACL", "Effect": "Allow", "Action": allowed, "Resource": "*", **who}


def _principal(grant: Grant, accounts: Mapping[str, str], partition: str) -> dict[str, Any] | None:
    if grant.grantee == EVERYBODY:
        return {"Principal": "*"}
    if grant.grantee == AUTHENTICATED:
        return {
            "Principal": "*",
            "Condition": {"StringNotEquals": {"aws:PrincipalType": "Anonymous"}},
        }
    if grant.grantee == LOGS:
        return {"Principal": {"Service": "logging.s3.amazonaws.com"}}
    account = accounts.get(grant.grantee)
    return {"Principal": {"AWS": root_arn(partition, account)}} if account is not None else None


# -- reading ----------------------------------------------------------------------------------------


def _canned(name: str, owner: str, bucket_owner: str) -> Grants:
    listed = _CANNED.get(name)
    if listed is None:
        raise InvalidArgument("")
    if not listed or (listed[0][0] == _BUCKETS and owner == bucket_owner):
        return ()
    granted = ((bucket_owner if who == _BUCKETS else who, permission) for who, permission in listed)
    own = Grant(grantee=owner, permission="FULL_CONTROL")
    return (own, *(Grant(grantee=who, permission=permission) for who, permission in granted))


def _own_left_out(grants: Grants, owner: str) -> Grants:
    """None where it is the ACL of something new."""
    return () if gives_full_control(grants, owner) else grants


def _grantees(tx: Transaction, text: str) -> Iterator[str]:
    """Whom a header names: `id="...", uri="..."`."""
    place = 0
    while place < len(text):
        found = _GRANTEE.match(text, place)
        if found is None:
            raise InvalidArgument("Argument format not recognized")
        kind, value = found[1].lower(), found[2] if found[2] is not None else found[3]
        yield _grantee(tx, kind, value)
        place = found.end()


def _in_xml(tx: Transaction, told: Mapping[str, Any], owner: str) -> Iterator[Grant]:
    named = (told.get("Owner") or {}).get("ID")
    if named is not None and named != owner:
        raise InvalidArgument("Invalid id")
    for each in told.get("Grants") or ():
        grantee, permission = each.get("Grantee") or {}, each.get("Permission")
        given = [
            (kind, grantee[name])
            for name, kind in (("ID", "id"), ("URI", "uri"), ("EmailAddress", "emailaddress"))
            if grantee.get(name)
        ]
        if len(given) != 1 or permission not in get_args(Permission):
            raise MalformedAclError
        yield Grant(grantee=_grantee(tx, *given[0]), permission=cast("Permission", permission))


def _grantee(tx: Transaction, kind: str, value: str) -> str:
    if kind == "uri":
        if value not in (EVERYBODY, AUTHENTICATED, LOGS):
            raise InvalidArgument("Invalid group uri")
        return value
    if kind == "id":
        if value not in accounts_by_id(tx):
            raise InvalidArgument("Invalid id")
        return value
    found = by_email(tx, value)
    if found is None:
        raise UnresolvableGrantByEmailAddress
    return found
