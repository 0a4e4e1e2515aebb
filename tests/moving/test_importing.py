"""An account is moved in: what comes, what does not and why, twice, and changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from rolekeeper.errors import ConfigurationError
from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld
from tests.moving.dumps import (
    ALLOWING,
    TRUST,
    WHEN,
    arn,
    attached,
    bounded,
    bring,
    export,
    group,
    inline,
    managed,
    page,
    role,
    user,
)
from tests.people import allow, assume, deny, policy, refused, trusting

NO_POLICY = {"Version": "2012-10-17", "Statement": []}
DENYING = json.loads(policy(deny("s3:*")))
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
UNKNOWN = "arn:aws:iam::aws:policy/NotOfThisCatalogue"
TAGS = [{"Key": "team", "Value": "red"}]


def _losses(world: LocalWorld, *pages: Any, **more: Any) -> list[tuple[str, str, str]]:
    """Kind, name and part of what was not brought."""
    report = bring(world, *pages, **more)
    assert all(loss.reason for loss in report.losses)
    return [(loss.kind, loss.name, loss.part) for loss in report.losses]


def _counts(world: LocalWorld, *pages: Any) -> dict[str, tuple[int, int, int, int]]:
    """Of each kind that occurs: made, changed, unchanged, left out."""
    counts = bring(world, *pages).counts.items()
    found = {kind: (one.made, one.changed, one.unchanged, one.left_out) for kind, one in counts}
    return {kind: numbers for kind, numbers in found.items() if any(numbers)}


# -- what does not come ----------------------------------------------------------------------------


def test_an_account_that_is_not_here(local: LocalWorld) -> None:
    with pytest.raises(ConfigurationError, match="there is no account 333333333333 here"):
        bring(local, page(users=[user("bob")]), account="333333333333")


def test_a_page_of_another_account(local: LocalWorld) -> None:
    body = json.dumps(page(users=[user("bob", account=OTHER_ACCOUNT)])).encode()
    with pytest.raises(ConfigurationError, match=f"not of account {ACCOUNT}"):
        local.server.bring(ACCOUNT, body)
    with pytest.raises(ConfigurationError, match="no JSON"):
        local.server.bring(ACCOUNT, b"{")


@pytest.mark.parametrize("name", ["", "a b", "x" * 200, "é"])
def test_a_name_that_is_none(local: LocalWorld, name: str) -> None:
    things = page(users=[user(name)], groups=[group(name)], roles=[role(name)], policies=[managed(name)])
    assert {kind for kind, _, _ in _losses(local, things)} == {"user", "group", "role", "policy"}
    assert export(local) == page()


def test_a_policy_that_is_refused(local: LocalWorld) -> None:
    bad = managed("p", NO_POLICY)
    given = page(policies=[bad], users=[user("bob", **attached(arn("policy", "p")))])
    told = _losses(local, given)
    assert told == [("policy", "p", ""), ("user", "bob", f"managed policy {arn('policy', 'p')}")]


def test_a_version_that_is_refused(local: LocalWorld) -> None:
    assert _losses(local, page(policies=[managed("p", NO_POLICY, ALLOWING, default="v2")])) == [
        ("policy", "p", "version v1")
    ]
    assert [one["VersionId"] for one in export(local)["Policies"][0]["PolicyVersionList"]] == ["v2"]


@pytest.mark.parametrize("default", ["v3", "", "latest"])
def test_a_policy_without_the_version_in_force(local: LocalWorld, default: str) -> None:
    assert _losses(local, page(policies=[managed("p", default=default)])) == [("policy", "p", "")]


@pytest.mark.parametrize("version", ["x", "1", "v", "v²", "v-1"])
def test_a_version_of_no_number(local: LocalWorld, version: str) -> None:
    odd = managed("p")
    odd["PolicyVersionList"].append({"VersionId": version, "CreateDate": WHEN, "Document": ALLOWING})
    assert _losses(local, page(policies=[odd])) == [("policy", "p", f"version {version}")]


def test_more_versions_than_there_may_be(local: LocalWorld) -> None:
    assert _losses(local, page(policies=[managed("p", *[ALLOWING] * 6)])) == [("policy", "p", "")]
    assert export(local) == page()


def test_an_aws_policy_that_is_unknown_here(local: LocalWorld) -> None:
    report = bring(local, page(users=[user("bob", **attached(UNKNOWN, READ_ONLY))]))
    (loss,) = report.losses
    assert (loss.part, UNKNOWN in loss.reason) == (f"managed policy {UNKNOWN}", True)
    assert [one["PolicyArn"] for one in export(local)["UserDetailList"][0]["AttachedManagedPolicies"]] == [
        READ_ONLY
    ]


def test_an_inline_policy_that_is_refused(local: LocalWorld) -> None:
    given = inline("Role", good=ALLOWING, bad=NO_POLICY)
    assert _losses(local, page(roles=[role("r", **given)])) == [("role", "r", "inline policy bad")]
    assert [one["PolicyName"] for one in export(local)["RoleDetailList"][0]["RolePolicyList"]] == ["good"]


def test_nobody_comes_without_what_denies_them_something(local: LocalWorld) -> None:
    twice = {**DENYING, "Statement": DENYING["Statement"] * 2 + [{"Effect": "Maybe"}]}
    aws = managed("a", DENYING) | {"Arn": UNKNOWN}
    things = page(
        policies=[managed("p", twice), aws],
        groups=[group("g", **inline("Group", own=twice))],
        users=[
            user("own", **inline("User", own=twice)),
            user("member", GroupList=["g"]),
            user("managed", **attached(arn("policy", "p"))),
            user("aws", **attached(UNKNOWN)),
        ],
        roles=[role("bounded", **bounded(arn("policy", "p")))],
    )
    told = _losses(local, things)
    assert told == [
        ("policy", "p", ""),
        ("group", "g", ""),
        ("user", "own", ""),
        ("user", "member", ""),
        ("user", "managed", ""),
        ("user", "aws", ""),
        ("role", "bounded", ""),
    ]
    assert export(local) == page()


def test_the_quotas_hold(world_with: Callable[..., LocalWorld]) -> None:
    world = world_with(limits={"roles": 1, "users": 1, "groups": 1, "policies": 1, "instance_profiles": 1})
    two = ("a", "b")
    profiles = [_profile(name) for name in two]
    given = page(
        roles=[role("a", InstanceProfileList=profiles), role("b")],
        users=map(user, two),
        groups=map(group, two),
        policies=map(managed, two),
    )
    kinds = ("policy", "group", "user", "instance profile", "role")
    assert _losses(world, given) == [(kind, "b", "") for kind in kinds]


def test_a_service_that_has_no_role(local: LocalWorld) -> None:
    path = "/aws-service-role/nobody.amazonaws.com/"
    report = bring(local, page(roles=[role("AWSServiceRoleForNobody", path=path)]))
    assert "nobody.amazonaws.com" in report.losses[0].reason


def test_a_service_role_of_another_name(local: LocalWorld) -> None:
    given = role("AWSServiceRoleForOther", path="/aws-service-role/ecs.amazonaws.com/")
    assert _losses(local, page(roles=[given])) == [("role", "AWSServiceRoleForOther", "")]
    assert export(local) == page()


def test_a_role_of_aws_own(local: LocalWorld) -> None:
    given = role("AWSReservedSSO_x", path="/aws-reserved/sso.amazonaws.com/")
    assert _losses(local, page(roles=[given])) == [("role", "AWSReservedSSO_x", "")]


def test_another_path_is_another_thing(local: LocalWorld) -> None:
    local.root.iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(TRUST), Path="/a/")
    assert _losses(local, page(roles=[role("r")])) == [("role", "r", "")]


# -- what comes ------------------------------------------------------------------------------------


def _profile(name: str, **more: Any) -> dict[str, Any]:
    shown = {"InstanceProfileName": name, "Arn": arn("instance-profile", name), "CreateDate": WHEN}
    return {**shown, **more}


def test_everything_that_a_dump_has(local: LocalWorld) -> None:
    bound = managed("bound", ALLOWING, DENYING, default="v2") | {"PolicyId": "ANPAEXAMPLE000000001"}
    things = page(
        policies=[bound],
        groups=[group("staff", GroupId="AGPAEXAMPLE000000001", **inline("Group", own=ALLOWING))],
        users=[
            user(
                "Ann",
                path="/staff/",
                UserId="AIDAEXAMPLE000000001",
                GroupList=["staff"],
                Tags=TAGS,
                **bounded(arn("policy", "bound")),
                **attached(READ_ONLY, arn("policy", "bound")),
                **inline("User", own=ALLOWING),
            )
        ],
        roles=[
            role(
                "box",
                RoleId="AROAEXAMPLE000000001",
                InstanceProfileList=[_profile("box", InstanceProfileId="AIPAEXAMPLE000000001", Tags=TAGS)],
                Tags=TAGS,
                **bounded(arn("policy", "bound")),
                **attached(arn("policy", "bound")),
                **inline("Role", own=ALLOWING),
            )
        ],
    )
    report = bring(local, things)
    assert (report.losses, report.strangers, report.changes) == ([], [], 5)
    iam = local.root.iam
    ann = iam.get_user(UserName="ann")["User"]
    assert (ann["UserId"], ann["Path"], ann["Tags"]) == ("AIDAEXAMPLE000000001", "/staff/", TAGS)
    assert ann["CreateDate"] == datetime.fromisoformat(WHEN)
    assert ann["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn("policy", "bound")
    assert [one["GroupId"] for one in iam.list_groups_for_user(UserName="Ann")["Groups"]] == [
        "AGPAEXAMPLE000000001"
    ]
    attachments = iam.list_attached_user_policies(UserName="Ann")["AttachedPolicies"]
    assert {one["PolicyArn"] for one in attachments} == {READ_ONLY, arn("policy", "bound")}
    kept = iam.get_policy(PolicyArn=arn("policy", "bound"))["Policy"]
    assert (kept["PolicyId"], kept["DefaultVersionId"]) == ("ANPAEXAMPLE000000001", "v2")
    made = iam.create_policy_version(PolicyArn=arn("policy", "bound"), PolicyDocument=json.dumps(ALLOWING))
    assert made["PolicyVersion"]["VersionId"] == "v3"
    profile = iam.get_instance_profile(InstanceProfileName="box")["InstanceProfile"]
    assert (profile["InstanceProfileId"], profile["Tags"]) == ("AIPAEXAMPLE000000001", TAGS)
    assert [one["RoleId"] for one in profile["Roles"]] == ["AROAEXAMPLE000000001"]


def test_what_came_decides(local: LocalWorld) -> None:
    allowed = json.loads(policy(allow("iam:ListUsers")))
    trust = json.loads(policy(trusting(arn("role", "first"))))
    given = [
        role("second", trust, **inline("Role", own=allowed)),
        role("first", json.loads(policy(trusting(ACCOUNT)))),
    ]
    bring(local, page(roles=given, users=[user("bob", **inline("User", own=_may_assume()))]))
    key = local.root.iam.create_access_key(UserName="bob")["AccessKey"]
    first = assume(local.person(key), arn("role", "first"))
    second = assume(first, arn("role", "second"))
    assert second.iam.list_users()["Users"]
    with refused("AccessDenied", 403):
        second.iam.list_roles()
    with refused("AccessDenied", 403):
        assume(local.person(key), arn("role", "second"))


def _may_assume() -> Any:
    return json.loads(policy(allow("sts:AssumeRole", on=arn("role", "first"))))


def test_roles_that_trust_each_other_and_later_ones(local: LocalWorld) -> None:
    mutual = [role("a", _trust(arn("role", "b"))), role("b", _trust(arn("role", "a")))]
    assert bring(local, page(roles=mutual)).strangers == []
    local.root.iam.delete_role(RoleName="b")
    local.root.iam.create_role(RoleName="b", AssumeRolePolicyDocument=json.dumps(TRUST))
    shown = local.root.iam.get_role(RoleName="a")["Role"]["AssumeRolePolicyDocument"]
    assert shown["Statement"][0]["Principal"]["AWS"].startswith("AROA"), "a was bound to the b that is gone"


def _trust(*principals: str) -> Any:
    return json.loads(policy(trusting(list(principals) if len(principals) > 1 else principals[0])))


def test_who_is_trusted_and_not_here(local: LocalWorld) -> None:
    gone, foreign = "AROAEXAMPLEGONE00001", "arn:aws:iam::333333333333:root"
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/idp.example"
    web = trusting({"Federated": provider}, action="sts:AssumeRoleWithWebIdentity")
    given = page(roles=[role("a", _trust(gone, foreign)), role("b", json.loads(policy(web)))])
    report = bring(local, given)
    assert report.losses == []
    assert [(one.role, one.principal) for one in report.strangers] == [
        ("a", gone),
        ("a", foreign),
        ("b", provider),
    ]
    shown = local.root.iam.get_role(RoleName="a")["Role"]["AssumeRolePolicyDocument"]
    assert shown["Statement"][0]["Principal"]["AWS"] == [gone, foreign]
    with refused("MalformedPolicyDocument", 400, "Invalid principal in policy"):
        local.root.iam.update_assume_role_policy(RoleName="a", PolicyDocument=json.dumps(_trust(foreign)))


def test_two_accounts_whose_roles_trust_each_other(local: LocalWorld) -> None:
    mine, theirs = arn("role", "mine"), arn("role", "theirs", account=OTHER_ACCOUNT)
    own = page(roles=[role("mine", _trust(theirs))])
    assert [one.principal for one in bring(local, own).strangers] == [theirs]
    bring(local, page(roles=[role("theirs", _trust(mine), account=OTHER_ACCOUNT)]), account=OTHER_ACCOUNT)
    assert bring(local, own).strangers == []
    assert _counts(local, own) == {"role": (0, 0, 1, 0)}


def test_a_service_linked_role_is_made_as_its_service_makes_it(local: LocalWorld) -> None:
    path = "/aws-service-role/autoscaling.amazonaws.com/"
    names = ["AWSServiceRoleForAutoScaling", "AWSServiceRoleForAutoScaling_two"]
    given = page(
        roles=[role(name, {}, path=path, RoleId=f"AROAEXAMPLE00000000{n}") for n, name in enumerate(names)]
    )
    assert _counts(local, given) == {"role": (2, 0, 0, 0)}
    found = {one["RoleName"]: one for one in local.root.iam.list_roles()["Roles"]}
    assert [found[name]["RoleId"] for name in names] == ["AROAEXAMPLE000000000", "AROAEXAMPLE000000001"]
    with refused("UnmodifiableEntity", 400):
        local.root.iam.put_role_policy(
            RoleName=names[0], PolicyName="p", PolicyDocument=policy(allow("s3:*"))
        )


def test_an_account_under_another_number(local: LocalWorld) -> None:
    things = page(
        policies=[managed("p")],
        users=[user("bob", UserId="AIDAEXAMPLE000000001", **attached(arn("policy", "p")))],
        roles=[role("r", _trust(arn("user", "bob")))],
    )
    assert bring(local, things).losses == []
    assert bring(local, things, account=OTHER_ACCOUNT).losses == []
    theirs = export(local, OTHER_ACCOUNT)
    assert theirs["UserDetailList"][0]["UserId"] != "AIDAEXAMPLE000000001", "that ID is taken in this server"
    assert theirs["RoleDetailList"][0]["AssumeRolePolicyDocument"] == _trust(
        arn("user", "bob", account=OTHER_ACCOUNT)
    )


@pytest.mark.parametrize("identifier", ["", "AROAEXAMPLE000000001", "AIDA", "AIDA/..", "AIDA" + "x" * 20])
def test_an_id_that_is_none(local: LocalWorld, identifier: str) -> None:
    bring(local, page(users=[user("bob", UserId=identifier)]))
    assert local.root.iam.get_user(UserName="bob")["User"]["UserId"].startswith("AIDA")
    assert local.root.iam.get_user(UserName="bob")["User"]["UserId"] != identifier


def test_each_change_is_in_the_trail(local: LocalWorld) -> None:
    bring(local, page(users=[user("bob", UserId="AIDAEXAMPLE000000001", **inline("User", own=ALLOWING))]))
    events = [event for event in local.events() if event["userAgent"].startswith("rolekeeper import")]
    assert [event["eventName"] for event in events] == ["CreateUser", "PutUserPolicy"]
    assert events[0]["userIdentity"]["type"] == "Root"
    assert events[0]["requestParameters"]["userName"] == "bob"
    assert events[0]["responseElements"]["user"]["userId"] == "AIDAEXAMPLE000000001"
    assert events[0]["eventTime"] > WHEN


# -- again, and changed ----------------------------------------------------------------------------


def _whole() -> dict[str, Any]:
    return page(
        policies=[managed("p", ALLOWING, DENYING)],
        groups=[group("g", **attached(arn("policy", "p")))],
        users=[
            user("u", GroupList=["g"], Tags=TAGS, **bounded(arn("policy", "p")), **inline("User", a=ALLOWING))
        ],
        roles=[
            role(
                "r",
                Tags=TAGS,
                InstanceProfileList=[_profile("box")],
                **bounded(arn("policy", "p")),
                **attached(READ_ONLY),
                **inline("Role", a=ALLOWING, b=ALLOWING),
            )
        ],
    )


def test_a_second_time_nothing_changes(local: LocalWorld) -> None:
    bring(local, _whole())
    before, events = export(local), len(local.events())
    revision = _revision(local)
    kinds = ("policy", "group", "user", "role", "instance profile")
    assert _counts(local, _whole()) == dict.fromkeys(kinds, (0, 0, 1, 0))
    assert (export(local), _revision(local)) == (before, revision)
    assert len(local.events()) == events + 1, "only that of the export"


def _revision(local: LocalWorld) -> int:
    with local.server.store.read() as tx:
        return tx.account(ACCOUNT).revision


def test_white_space_and_order_are_no_change(local: LocalWorld) -> None:
    bring(local, _whole())
    spaced = json.dumps(dict(reversed(ALLOWING.items())), indent=4)
    changed = _whole()
    changed["UserDetailList"][0] |= inline("User", a=spaced)
    changed["Policies"][0]["PolicyVersionList"][0]["Document"] = spaced
    assert _counts(local, changed)["user"] == (0, 0, 1, 0)
    assert _counts(local, changed)["policy"] == (0, 0, 1, 0)


def test_what_is_no_more_in_the_dump_goes_from_what_is(local: LocalWorld) -> None:
    bring(local, _whole())
    less = page(policies=[managed("p")], groups=[group("g")], users=[user("u")], roles=[role("r")])
    kinds = ("policy", "group", "user", "role")
    assert _counts(local, less) == dict.fromkeys(kinds, (0, 1, 0, 0))
    assert _counts(local, less) == dict.fromkeys(kinds, (0, 0, 1, 0))
    shown = export(local)
    (bob,), (one,) = shown["UserDetailList"], shown["RoleDetailList"]
    assert (bob["GroupList"], bob["UserPolicyList"], bob.get("Tags")) == ([], [], None)
    assert "PermissionsBoundary" not in bob and "PermissionsBoundary" not in one
    assert (one["RolePolicyList"], one["AttachedManagedPolicies"]) == ([], [])
    assert one["InstanceProfileList"] == []
    assert len(shown["Policies"][0]["PolicyVersionList"]) == 1


def test_what_the_dump_does_not_name_stays(local: LocalWorld) -> None:
    bring(local, _whole())
    bring(local, page(users=[user("other")]))
    names = [one["UserName"] for one in export(local)["UserDetailList"]]
    assert names == ["other", "u"]


def test_what_changed_in_the_dump(local: LocalWorld) -> None:
    bring(local, _whole())
    changed = _whole()
    changed["Policies"] = [managed("p", DENYING, ALLOWING, ALLOWING, default="v3"), managed("q")]
    changed["UserDetailList"][0] |= {"Path": "/moved/", "Arn": arn("user", "u", "/moved/"), "Tags": []}
    changed["RoleDetailList"][0] |= role("r", _trust(ACCOUNT)) | {
        "Description": "new",
        "MaxSessionDuration": 7200,
    }
    changed["RoleDetailList"].append(role("s", InstanceProfileList=[_profile("box")]))
    changed["RoleDetailList"][0]["InstanceProfileList"] = []
    bring(local, changed)
    shown = export(local)
    assert [one["DefaultVersionId"] for one in shown["Policies"]][:2] == ["v3", "v1"]
    assert shown["UserDetailList"][0]["Path"] == "/moved/"
    first, second = shown["RoleDetailList"]
    assert first["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {
        "AWS": f"arn:aws:iam::{ACCOUNT}:root"
    }
    assert (first["Description"], first["MaxSessionDuration"]) == ("new", 7200)
    assert (first["InstanceProfileList"], len(second["InstanceProfileList"])) == ([], 1)
    assert bring(local, changed).changes == 0


def test_what_was_here_before_keeps_its_id(local: LocalWorld) -> None:
    before = local.root.iam.create_user(UserName="BOB")["User"]
    bring(local, page(users=[user("bob", UserId="AIDAEXAMPLE000000001", Tags=TAGS)]))
    after = local.root.iam.get_user(UserName="bob")["User"]
    assert (after["UserId"], after["CreateDate"]) == (before["UserId"], before["CreateDate"])
    assert after["Tags"] == TAGS


def test_one_refused_thing_leaves_nothing_of_itself(local: LocalWorld) -> None:
    bring(local, _whole())
    before = export(local)
    changed = _whole()
    changed["UserDetailList"][0] |= {"Tags": [], **bounded(arn("policy", "none"))}
    assert _losses(local, changed) == [("user", "u", "")]
    assert export(local) == before
