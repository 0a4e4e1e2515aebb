"""The instance metadata service: the credentials of the instance's role."""

from __future__ import annotations

import json

from tests.client import ACCOUNT, LocalWorld
from tests.endpoints.instances import ROLES, Inside, launched, nothing
from tests.people import allow, deny, policy, refused, role, trusting
from tests.workers import EC2, association, instance, profile


def test_the_credentials_of_the_role(local: LocalWorld) -> None:
    id, inside = launched(local, "web")
    found = inside.document(ROLES + "web")
    assert set(found) == {
        *("Code", "LastUpdated", "Type", "AccessKeyId", "SecretAccessKey", "Token", "Expiration")
    }
    assert (found["Code"], found["Type"]) == ("Success", "AWS-HMAC")
    assert found["AccessKeyId"].startswith("ASIA")
    person = inside.become()
    assert person.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/web/{id}"
    person.iam.list_roles()
    with refused("AccessDenied", 403):
        person.iam.list_users()


def test_a_profile_that_comes_later_is_replaced_and_goes(local: LocalWorld) -> None:
    id, inside = launched(local)
    for name in ("web", "batch"):
        role(local.root, name, EC2)
        profile(local.root, name, name)
    for path in ("latest/meta-data/iam/", "latest/meta-data/iam/info", ROLES, ROLES + "web"):
        nothing(inside.get(path), 404)
    assert "iam/" not in inside.text("latest/meta-data/").split()
    local.root.workloads.associate_instance_profile(InstanceId=id, IamInstanceProfile={"Name": "web"})
    assert inside.text(ROLES) == "web"
    first = inside.become()
    mine = association(local.root, id)["AssociationId"]
    local.root.workloads.replace_instance_profile_association(
        AssociationId=mine, IamInstanceProfile={"Name": "batch"}
    )
    assert inside.text(ROLES) == "batch"
    nothing(inside.get(ROLES + "web"), 404)
    assert "/batch/" in inside.become().arn
    assert "/web/" in first.arn  # what was given out lasts to its end
    mine = association(local.root, id)["AssociationId"]
    local.root.workloads.disassociate_instance_profile(AssociationId=mine)
    for path in (ROLES, ROLES + "batch", "latest/meta-data/iam/info"):
        nothing(inside.get(path), 404)


def test_what_is_said_of_the_profile(local: LocalWorld) -> None:
    id, inside = launched(local, "web")
    shown = association(local.root, id)["IamInstanceProfile"]
    found = inside.document("latest/meta-data/iam/info")
    assert found == {
        "Code": "Success",
        "LastUpdated": inside.document(ROLES + "web")["LastUpdated"],
        "InstanceProfileArn": shown["Arn"],
        "InstanceProfileId": shown["Id"],
    }


def test_a_profile_without_its_role_and_without_itself(local: LocalWorld) -> None:
    _, inside = launched(local, "web")
    local.root.iam.remove_role_from_instance_profile(InstanceProfileName="web", RoleName="web")
    found = inside.document("latest/meta-data/iam/info")
    assert found["Code"] == "Success"
    assert found["Message"].startswith("Instance Profile does not contain a role.")
    nothing(inside.get(ROLES), 404)
    local.root.iam.delete_instance_profile(InstanceProfileName="web")
    local.root.iam.create_instance_profile(InstanceProfileName="web")  # another one
    assert inside.document("latest/meta-data/iam/info")["Code"] == "InstanceProfileNotFound"
    nothing(inside.get(ROLES), 404)


def test_a_role_that_does_not_let_ec2_in(local: LocalWorld) -> None:
    _, inside = launched(local, "web")
    local.root.iam.update_assume_role_policy(
        RoleName="web", PolicyDocument=policy(trusting({"Service": "lambda.amazonaws.com"}))
    )
    local.advance(6 * 3600)
    found = inside.document(ROLES + "web")
    assert set(found) == {"Code", "Message", "LastUpdated"}
    assert found["Code"] == "AssumeRoleUnauthorizedAccess"
    assert found["Message"].startswith("EC2 cannot assume the role web.")
    local.root.iam.update_assume_role_policy(RoleName="web", PolicyDocument=policy(trusting(EC2)))
    assert inside.document(ROLES + "web")["Code"] == "Success"


def test_a_policy_can_ask_how_credentials_were_delivered(local: LocalWorld) -> None:
    id, inside = launched(local, "web", MetadataOptions={"HttpTokens": "optional"})
    old = {"Condition": {"NumericLessThan": {"ec2:RoleDelivery": "2.0"}}}
    local.root.iam.put_role_policy(
        RoleName="web", PolicyName="second", PolicyDocument=policy(deny("*", **old))
    )
    first = json.loads(inside.ask(ROLES + "web").body)
    with refused("AccessDenied", 403, "explicit deny"):
        local.person(first | {"SessionToken": first["Token"]}).iam.list_roles()
    inside.become().iam.list_roles()
    arn = f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/{id}"
    elsewhere = {"Condition": {"ArnNotEquals": {"ec2:SourceInstanceARN": arn}}}
    local.root.iam.put_role_policy(
        RoleName="web", PolicyName="third", PolicyDocument=policy(deny("*", **elsewhere))
    )
    inside.become().iam.list_roles()
    _, secret = instance(local.root, "web")
    with refused("AccessDenied", 403, "explicit deny"):
        Inside(local, secret).become().iam.list_roles()


def test_a_policy_can_ask_for_the_network_of_the_instance(local: LocalWorld) -> None:
    place = {"PrivateIpAddress": "10.1.2.3", "VpcId": "vpc-0123456789abcdef0"}
    _, inside = launched(local, "web", **place)
    for key, here, there in (
        ("aws:Ec2InstanceSourceVpc", "vpc-0123456789abcdef0", "vpc-00000000000000000"),
        ("aws:Ec2InstanceSourcePrivateIPv4", "10.1.2.3", "10.1.2.4"),
    ):
        for value, fine in ((here, True), (there, False)):
            document = policy(allow("iam:ListRoles", Condition={"StringEquals": {key: value}}))
            local.root.iam.put_role_policy(RoleName="web", PolicyName="own", PolicyDocument=document)
            if fine:
                inside.become().iam.list_roles()
            else:
                with refused("AccessDenied", 403):
                    inside.become().iam.list_roles()
