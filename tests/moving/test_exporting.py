"""An account is written, and read again elsewhere: the same account."""

from __future__ import annotations

import json
from collections.abc import Callable

import botocore.session
import msgspec
import pytest

from rolekeeper.errors import ConfigurationError
from rolekeeper.moving import exporting
from rolekeeper.moving.dump import read_page
from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld
from tests.moving.dumps import bring, export, page
from tests.people import allow, deny, managed, policy, role, trusting, user

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
TAGS = [{"Key": "team", "Value": "red"}, {"Key": "Cost", "Value": ""}]


def _fill(world: LocalWorld) -> None:
    root = world.root
    narrow = managed(root, "Narrow", allow("s3:*"), Path="/own/", Description="a little", Tags=TAGS)
    for statement in (deny("s3:Put*"), allow("s3:Get*")):
        root.iam.create_policy_version(PolicyArn=narrow, PolicyDocument=policy(statement), SetAsDefault=True)
    root.iam.delete_policy_version(PolicyArn=narrow, VersionId="v2")
    for name in ("staff", "Admins"):
        root.iam.create_group(GroupName=name)
        root.iam.put_group_policy(GroupName=name, PolicyName="own", PolicyDocument=policy(allow("iam:*")))
    root.iam.attach_group_policy(GroupName="staff", PolicyArn=READ_ONLY)
    user(root, "Ann", allow("iam:GetUser"), Path="/staff/", Tags=TAGS, PermissionsBoundary=narrow)
    for name in ("staff", "Admins"):
        root.iam.add_user_to_group(GroupName=name, UserName="Ann")
    trust = trusting({"AWS": root.iam.get_user(UserName="Ann")["User"]["Arn"]})
    role(root, "dev", trust, deny("s3:*"), Description="für alle", MaxSessionDuration=7200, Tags=TAGS)
    role(root, "ops", trusting(["*", ACCOUNT]), PermissionsBoundary=READ_ONLY)
    root.iam.attach_role_policy(RoleName="dev", PolicyArn=narrow)
    for name in ("box", "Other"):
        root.iam.create_instance_profile(InstanceProfileName=name, Path="/boxes/", Tags=TAGS)
        root.iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName="dev")
    root.iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com", Description="ours")


def test_an_account_that_is_not_here(local: LocalWorld) -> None:
    with pytest.raises(ConfigurationError, match="there is no account"):
        local.server.show("333333333333", "aws", None)


@pytest.mark.parametrize("marker", ["x", "9", "OTk5"])
def test_a_marker_that_is_none(local: LocalWorld, marker: str) -> None:
    with pytest.raises(ConfigurationError, match="Invalid Marker"):
        local.server.show(ACCOUNT, "aws", marker)


def test_no_secret_is_in_it(local: LocalWorld) -> None:
    _fill(local)
    key = local.root.iam.create_access_key(UserName="Ann")["AccessKey"]
    written = json.dumps(export(local))
    assert key["SecretAccessKey"] not in written and key["AccessKeyId"] not in written


def test_it_is_the_same_account_elsewhere(local: LocalWorld, world_with: Callable[..., LocalWorld]) -> None:
    _fill(local)
    written = export(local)
    elsewhere = world_with()
    report = bring(elsewhere, written)
    assert (report.losses, report.strangers) == ([], [])
    assert export(elsewhere) == written
    assert bring(elsewhere, written).changes == bring(local, written).changes == 0


@pytest.mark.parametrize("size", [1, 3])
def test_it_goes_through_pages(local: LocalWorld, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    _fill(local)
    whole = export(local)
    monkeypatch.setattr(exporting, "MAX_ITEMS", size)
    assert export(local) == whole


def test_there_and_back_under_another_number(local: LocalWorld) -> None:
    _fill(local)
    written = export(local)
    assert bring(local, written, account=OTHER_ACCOUNT).losses == []
    theirs = json.dumps(export(local, OTHER_ACCOUNT))
    assert ACCOUNT not in theirs
    assert json.loads(theirs)["RoleDetailList"][1]["RoleName"] == "dev"


def test_another_partition(local: LocalWorld) -> None:
    _fill(local)
    shown = read_page(msgspec.json.encode(local.server.show(ACCOUNT, "aws-cn", None)))
    assert shown.user_detail_list[0].arn == f"arn:aws-cn:iam::{ACCOUNT}:user/staff/Ann"


def test_it_has_aws_form(local: LocalWorld) -> None:
    """Every member but ours is in the model, where it stands."""
    _fill(local)
    model = botocore.session.get_session().get_service_model("iam")
    shape = model.operation_model("GetAccountAuthorizationDetails").output_shape
    ours = {
        ("RoleDetail", "Description"),
        ("RoleDetail", "MaxSessionDuration"),
        ("ManagedPolicyDetail", "Tags"),
    }

    def check(value: object, shape: object) -> None:
        kind = shape.type_name  # type: ignore[attr-defined]
        if kind == "structure" and isinstance(value, dict):
            for name, member in value.items():
                if (shape.name, name) not in ours:  # type: ignore[attr-defined]
                    check(member, shape.members[name])  # type: ignore[attr-defined]
        elif kind == "list" and isinstance(value, list):
            for member in value:
                check(member, shape.member)  # type: ignore[attr-defined]
        elif shape.name == "policyDocumentType":  # type: ignore[attr-defined]
            assert isinstance(value, dict)
        else:
            assert type(value) in (str, int, bool)

    check(export(local), shape)
    assert page().keys() == export(local).keys()
