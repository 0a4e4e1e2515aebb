"""Dumps in a line each, and what moves them: the server of a world, as a command does it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import msgspec

from rolekeeper.moving.dump import Dump, read_dump
from rolekeeper.moving.parcels import only_roles, parcels
from rolekeeper.moving.report import Report
from rolekeeper.moving.rewriting import rewritten
from tests.client import ACCOUNT, LocalWorld
from tests.people import allow, policy, trusting

WHEN = "2020-01-02T03:04:05+00:00"
ALLOWING = json.loads(policy(allow("s3:GetObject")))
TRUST = json.loads(policy(trusting({"Service": "ec2.amazonaws.com"})))


def arn(kind: str, name: str, path: str = "/", account: str = ACCOUNT) -> str:
    """The ARN of something."""
    return f"arn:aws:iam::{account}:{kind}{path}{name}"


def user(name: str, *, path: str = "/", account: str = ACCOUNT, **more: Any) -> dict[str, Any]:
    """A user of a dump."""
    shown = {"Path": path, "UserName": name, "Arn": arn("user", name, path, account), "CreateDate": WHEN}
    return {**shown, **more}


def group(name: str, *, account: str = ACCOUNT, **more: Any) -> dict[str, Any]:
    """A group of a dump."""
    shown = {"Path": "/", "GroupName": name, "Arn": arn("group", name, account=account), "CreateDate": WHEN}
    return {**shown, **more}


def role(
    name: str, trust: Any = TRUST, *, path: str = "/", account: str = ACCOUNT, **more: Any
) -> dict[str, Any]:
    """A role of a dump."""
    return {
        "Path": path,
        "RoleName": name,
        "Arn": arn("role", name, path, account),
        "CreateDate": WHEN,
        "AssumeRolePolicyDocument": trust,
        **more,
    }


def managed(name: str, *documents: Any, default: str = "v1", account: str = ACCOUNT) -> dict[str, Any]:
    """A managed policy of a dump, with its versions."""
    versions = [
        {"VersionId": f"v{number}", "CreateDate": WHEN, "Document": document}
        for number, document in enumerate(documents or (ALLOWING,), 1)
    ]
    return {
        "PolicyName": name,
        "Arn": arn("policy", name, account=account),
        "DefaultVersionId": default,
        "CreateDate": WHEN,
        "PolicyVersionList": versions,
    }


def attached(*arns: str) -> dict[str, Any]:
    """The member that attaches policies."""
    return {"AttachedManagedPolicies": [{"PolicyName": "x", "PolicyArn": one} for one in arns]}


def bounded(arn: str) -> dict[str, Any]:
    """The member that sets a boundary."""
    return {"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}}


def inline(noun: str, **documents: Any) -> dict[str, Any]:
    """The member that has inline policies."""
    listed = [{"PolicyName": name, "PolicyDocument": document} for name, document in documents.items()]
    return {f"{noun}PolicyList": listed}


def page(*, users: Any = (), groups: Any = (), roles: Any = (), policies: Any = ()) -> dict[str, Any]:
    """A page with all four lists."""
    return {
        "UserDetailList": list(users),
        "GroupDetailList": list(groups),
        "RoleDetailList": list(roles),
        "Policies": list(policies),
    }


def encoded(document: Any) -> str:
    """A document as it is on the wire."""
    return quote(json.dumps(document), safe="")


def read(*pages: Any) -> Dump:
    """A dump of some pages."""
    return read_dump((f"page {number}", json.dumps(page).encode()) for number, page in enumerate(pages))


def bring(world: LocalWorld, *pages: Any, account: str = ACCOUNT) -> Report:
    """Import pages, as the command does."""
    dump = read(*pages)
    whole = dump.page
    if dump.account is not None and dump.account != account:
        whole = rewritten(whole, dump.account, account)
    report = Report()
    for parcel in parcels(whole):
        report.add(world.server.bring(account, msgspec.json.encode(parcel)))
    again = only_roles(whole, {stranger.role for stranger in report.strangers})
    report.settle(world.server.bring(account, msgspec.json.encode(parcel)) for parcel in parcels(again))
    return report


def export(world: LocalWorld, account: str = ACCOUNT) -> dict[str, Any]:
    """All of an account, as the command writes it."""
    found = page()
    marker = None
    while True:
        shown = json.loads(msgspec.json.encode(world.server.show(account, "aws", marker)))
        for name in found:
            found[name] += shown[name]
        if "Marker" not in shown:
            return found
        marker = shown["Marker"]
