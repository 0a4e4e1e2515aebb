"""Facts of policy evaluation that the service has to make true, seen through an unmodified SDK.

What the evaluators show alone is in `tests/policy`; what sessions carry is in `tests/operations/test_sts.py`.
"""

from __future__ import annotations

from typing import Any

import pytest
from botocore.model import OperationModel

from tests.client import Person, World
from tests.people import allow, assume, managed, policy, refused, role, trusting, user

fact = pytest.mark.fact

MFA = "aws:MultiFactorAuthPresent"


@fact(30)
@pytest.mark.parametrize("path", ["/aws-reserved/", "/aws-reserved/sso.amazonaws.com/eu-west-1/"])
def test_fact_030_nobody_makes_a_role_of_aws(root: Person, path: str) -> None:
    admin = user(root, "bob", allow("*"))
    for person in (root, admin):
        with refused("InvalidInput", 400, "can only be used by AWS"):
            role(person, "dev", root.account, Path=path)
    role(root, "dev", root.account, Path="/mine/aws-reserved/")


@fact(30)
def test_fact_030_nobody_changes_a_policy_of_aws(root: Person) -> None:
    admin = user(root, "bob", allow("*"))
    theirs = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    own = managed(root, "ReadOnlyAccess", allow("s3:Get*"))
    for person in (root, admin):
        for change, more in (
            ("create_policy_version", {"PolicyDocument": policy(allow("*"))}),
            ("set_default_policy_version", {"VersionId": "v1"}),
            ("delete_policy_version", {"VersionId": "v1"}),
            ("delete_policy", {}),
        ):
            with refused("AccessDenied", 403, "Policy is outside your own account."):
                getattr(person.iam, change)(PolicyArn=theirs, **more)
    admin.iam.delete_policy(PolicyArn=own)


@fact(86)
def test_fact_086_keys_of_temporary_credentials(root: Person) -> None:
    none = {"Null": {MFA: "true", "aws:MultiFactorAuthAge": "true", "aws:TokenIssueTime": "true"}}
    some = {
        "Null": {"aws:TokenIssueTime": "false", "aws:MultiFactorAuthAge": "true"},
        "Bool": {MFA: "false"},
    }
    bob = user(root, "bob", allow("iam:ListRoles", Condition=none), allow("iam:ListUsers", Condition=some))
    bob.iam.list_roles()
    with refused("AccessDenied", 403, "iam:ListUsers"):
        bob.iam.list_users()
    statements = allow("iam:ListRoles", Condition=none), allow("iam:ListUsers", Condition=some)
    session = assume(bob, role(root, "dev", trusting(bob.arn), *statements))
    session.iam.list_users()
    with refused("AccessDenied", 403, "iam:ListRoles"):
        session.iam.list_roles()


@fact(94)
def test_fact_094_a_chained_session_dies_after_an_hour(root: Person, world: World) -> None:
    bob = user(root, "bob", allow("sts:AssumeRole"))
    first = role(root, "first", root.account, allow("iam:ListRoles"), MaxSessionDuration=43200)
    second = role(root, "second", first, allow("iam:ListRoles"), MaxSessionDuration=43200)
    session = assume(bob, first, DurationSeconds=43200)
    with refused("ValidationError", 400, "1 hour session limit for roles assumed by role chaining"):
        assume(session, second, DurationSeconds=3601)
    chained = assume(session, second)
    for person in (session, chained):
        person.iam.list_roles()
    world.advance(3601)
    session.iam.list_roles()
    with refused("ExpiredToken", 403):
        chained.iam.list_roles()


@fact(95)
def test_fact_095_session_policy_and_tags_share_a_limit(root: Person) -> None:
    bob = user(root, "bob")
    arn = role(root, "dev", trusting(bob.arn, ["sts:AssumeRole", "sts:TagSession"]))
    tags = [{"Key": f"{number:03}", "Value": _noise(number, 60)} for number in range(40)]
    long = policy(*(allow(_noise(number, 60), Sid=f"s{number}") for number in range(12)))
    assert len(long) < 2048
    assume(bob, arn, Tags=tags)
    assume(bob, arn, Policy=long)
    with refused("PackedPolicyTooLarge", 400, "of allotted space"):
        assume(bob, arn, Tags=tags, Policy=long)


def _noise(seed: int, length: int) -> str:
    """Letters that do not pack, and the same ones each time; behind a service's name they are an action."""
    letters, state = [], seed + 1
    for _ in range(length):
        state = state * 6364136223846793005 + 1442695040888963407 & 0xFFFFFFFFFFFFFFFF
        letters.append(chr(ord("a") + (state >> 33) % 26))
    return "s3:" + "".join(letters)


@fact(98)
def test_fact_098_handing_a_role_to_a_service_takes_pass_role_on_the_role(root: Person) -> None:
    web = role(root, "web", {"Service": "ec2.amazonaws.com"})
    root.iam.create_instance_profile(InstanceProfileName="web")
    to_ec2 = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    to_another = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    add = allow("iam:AddRoleToInstanceProfile")
    refusing: dict[str, dict[str, Any]] = {
        "bob": allow("sts:AssumeRole"),
        "eve": allow("iam:PassRole", on=f"{web}lication"),
        "mal": allow("iam:PassRole", on=web, Condition=to_another),
    }
    for name, statement in refusing.items():
        with refused("AccessDenied", 403, f"not authorized to perform: iam:PassRole on resource: {web}"):
            user(root, name, add, statement).iam.add_role_to_instance_profile(
                InstanceProfileName="web", RoleName="web"
            )
    ann = user(root, "ann", add, allow("iam:PassRole", on=web, Condition=to_ec2))
    ann.iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")


@fact(98)
def test_fact_098_there_is_no_operation_of_that_name(root: Person) -> None:
    client = root.iam

    def rename(model: OperationModel, params: dict[str, Any], **_: Any) -> None:
        params["body"]["Action"] = "PassRole"

    client.meta.events.register("before-call.iam.GetRole", rename)
    with refused("InvalidAction", 400):
        client.get_role(RoleName="dev")


@fact(101)
def test_fact_101_a_group_gives_permissions_and_is_no_principal(root: Person) -> None:
    bob = user(root, "bob")
    made = root.iam.create_group(GroupName="admins")["Group"]
    root.iam.put_group_policy(
        GroupName="admins", PolicyName="inline", PolicyDocument=policy(allow("iam:ListRoles"))
    )
    root.iam.attach_group_policy(
        GroupName="admins", PolicyArn=managed(root, "managed", allow("iam:ListUsers"))
    )
    for call, action in ((bob.iam.list_roles, "ListRoles"), (bob.iam.list_users, "ListUsers")):
        with refused("AccessDenied", 403, f"because no identity-based policy allows the iam:{action} action"):
            call()
    root.iam.add_user_to_group(GroupName="admins", UserName="bob")
    bob.iam.list_roles()
    bob.iam.list_users()
    for group in (made["Arn"], made["GroupId"]):
        with refused("MalformedPolicyDocument", 400, "Invalid principal in policy"):
            role(root, "dev", group)
