"""A large account as a dump: roles, users, groups and policies of the sizes that accounts really have.

The documents are few shapes with many names in them, as in accounts that a tool has made: a role has a trust
policy, an inline policy and two managed ones, every tenth is in an instance profile, a user is in two groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

WHEN = "2024-01-02T03:04:05+00:00"
GROUPS = 20
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def dump(account: str, *, roles: int, users: int, policies: int) -> dict[str, list[dict[str, Any]]]:
    """Such an account in the form of GetAccountAuthorizationDetails."""
    return {
        "UserDetailList": list(_users(account, users, policies)),
        "GroupDetailList": [_named(account, "group", f"group-{number}") for number in range(GROUPS)],
        "RoleDetailList": list(_roles(account, roles, policies)),
        "Policies": list(_policies(account, policies)),
    }


def _roles(account: str, count: int, policies: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        name = f"role-{number:05}"
        service = ("ec2", "lambda", "ecs-tasks")[number % 3]
        trusted = {"Service": f"{service}.amazonaws.com"}
        if number % 5 == 0:
            trusted = {"AWS": f"arn:aws:iam::{account}:root"}
        trust = _statement("sts:AssumeRole", None) | {"Principal": trusted}
        profile = _named(account, "instance-profile", name, "InstanceProfile") | {"Roles": []}
        yield _named(account, "role", name) | {
            "AssumeRolePolicyDocument": _document(trust),
            "RolePolicyList": [_inline(f"arn:aws:s3:::bucket-{number}/*")],
            "AttachedManagedPolicies": [_attached(account, number % policies), _aws(READ_ONLY)],
            "InstanceProfileList": [profile] if number % 10 == 0 else [],
            "Tags": [{"Key": "team", "Value": f"team-{number % 40}"}, {"Key": "stage", "Value": "test"}],
        }


def _users(account: str, count: int, policies: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield _named(account, "user", f"user-{number:05}") | {
            "GroupList": [f"group-{number % GROUPS}", f"group-{(number + 7) % GROUPS}"],
            "AttachedManagedPolicies": [_attached(account, number % policies)],
            "Tags": [{"Key": "team", "Value": f"team-{number % 40}"}],
        }


def _policies(account: str, count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        versions = [
            {"VersionId": f"v{version}", "CreateDate": WHEN, "Document": _large(number, version)}
            for version in (1, 2)
        ]
        yield _named(account, "policy", f"policy-{number:05}") | {
            "DefaultVersionId": "v2",
            "PolicyVersionList": versions,
        }


def _named(account: str, kind: str, name: str, noun: str | None = None) -> dict[str, Any]:
    return {
        "Path": "/",
        f"{noun or kind.capitalize()}Name": name,
        "Arn": f"arn:aws:iam::{account}:{kind}/{name}",
        "CreateDate": WHEN,
    }


def _large(number: int, version: int) -> dict[str, Any]:
    """About 1,500 characters, which is what policies have."""
    places = [f"arn:aws:dynamodb:eu-west-1:*:table/table-{number}-{place}" for place in range(version * 12)]
    return _document(
        _statement("dynamodb:*", places), _statement("s3:Get*", f"arn:aws:s3:::bucket-{number}/*")
    )


def _inline(place: str) -> dict[str, Any]:
    statement = _statement(["s3:GetObject", "s3:PutObject"], place)
    return {"PolicyName": "own", "PolicyDocument": _document(statement)}


def _attached(account: str, number: int) -> dict[str, str]:
    name = f"policy-{number:05}"
    return {"PolicyName": name, "PolicyArn": f"arn:aws:iam::{account}:policy/{name}"}


def _aws(arn: str) -> dict[str, str]:
    return {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn}


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _statement(action: str | list[str], resource: str | list[str] | None) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": action}
    return statement if resource is None else {**statement, "Resource": resource}
