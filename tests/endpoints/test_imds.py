"""The instance metadata service: who gets in, with what, and what is there."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from rolekeeper.endpoints.aws import AwsEndpoint
from rolekeeper.service.instance_metadata import USER_DATA
from tests.client import ACCOUNT, LocalWorld
from tests.endpoints.asgi import Answer, answer
from tests.endpoints.instances import HEADER, ROLES, Inside, launched
from tests.people import allow, deny, policy, refused, role, trusting
from tests.workers import EC2, association, instance, profile

TTL = f"{HEADER}-ttl-seconds"
TOKEN = "latest/api/token"


def nothing(found: Answer, status: int) -> None:
    """A refusal, with nothing in it but its number."""
    assert found.status == status, found.body
    assert found.headers["content-type"] == "text/html"
    assert len(found.body) < 500
    assert f"<h1>{status} - ".encode() in found.body


@pytest.mark.parametrize("path", ["", "latest/meta-data/", ROLES, f"{ROLES}web", "latest/nothing"])
def test_a_request_without_a_token_gets_nothing(local: LocalWorld, path: str) -> None:
    _, inside = launched(local, "web")
    nothing(inside.ask(path), 401)
    nothing(inside.ask(path, **{HEADER: ""}), 401)


@pytest.mark.parametrize("wrong", ["AQAE", "0" * 56, "=" * 56, "é" * 56, "A" * 5000])
def test_a_token_that_was_never_given_out(local: LocalWorld, wrong: str) -> None:
    _, inside = launched(local, "web")
    nothing(inside.ask(ROLES, **{HEADER: wrong}), 401)
    nothing(inside.ask(ROLES, **{HEADER: inside.token()[:-1] + "!"}), 401)


def test_a_token_of_another_instance(local: LocalWorld) -> None:
    _, inside = launched(local, "web")
    _, other = launched(local, "batch")
    stolen = inside.token()
    assert inside.ask(ROLES, **{HEADER: stolen}).body == b"web"
    nothing(other.ask(ROLES, **{HEADER: stolen}), 401)
    assert inside.ask(ROLES, **{HEADER: stolen}).body == b"web"


def test_a_token_ends(local: LocalWorld) -> None:
    _, inside = launched(local, "web")
    token = inside.token(60)
    assert int(inside.ask(ROLES, **{HEADER: token}).headers[TTL]) in (59, 60)
    local.advance(61)
    nothing(inside.ask(ROLES, **{HEADER: token}), 401)


@pytest.mark.parametrize(
    "ttl", [None, "", "0", "21601", "-1", "1.5", "+60", " ", "999999999999", "٣", "60,60"]
)
def test_a_token_for_no_time_or_too_long(local: LocalWorld, ttl: str | None) -> None:
    _, inside = launched(local, "web")
    if ttl == "٣":
        ttl = ttl.encode().decode("latin-1")
    nothing(inside.ask(TOKEN, "PUT", **{TTL: ttl}), 400)


def test_a_token_is_for_who_asks_from_the_instance_itself(local: LocalWorld) -> None:
    _, inside = launched(local, "web")
    nothing(inside.ask(TOKEN, "PUT", **{TTL: "60"}, x_forwarded_for="10.0.0.1"), 403)
    nothing(inside.ask(TOKEN, "PUT", **{TTL: "60"}, x_forwarded_for=""), 403)


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH"])
def test_a_token_is_put(local: LocalWorld, method: str) -> None:
    _, inside = launched(local, "web")
    nothing(inside.ask(TOKEN, method, **{TTL: "60"}), 405)


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "HEAD", "OPTIONS"])
def test_all_else_is_only_read(local: LocalWorld, method: str) -> None:
    _, inside = launched(local, "web")
    nothing(inside.ask(ROLES, method, **{HEADER: inside.token()}), 405)


def test_a_secret_that_nobody_has(local: LocalWorld) -> None:
    _, inside = launched(local, "web")
    for secret in ("", "0" * 43, inside.secret[:-1], inside.secret + "x", "..", "%00"):
        nothing(Inside(local, secret).ask(TOKEN, "PUT", **{TTL: "60"}), 404)


def test_an_instance_that_is_gone(local: LocalWorld) -> None:
    id, inside = launched(local, "web")
    token = inside.token()
    local.root.workloads.deregister_instance(InstanceId=id)
    nothing(inside.ask(ROLES, **{HEADER: token}), 404)


def test_a_page_in_a_browser_gets_nothing(local: LocalWorld) -> None:
    _, inside = launched(local, "web", MetadataOptions={"HttpTokens": "optional"})
    assert inside.ask(ROLES).body == b"web"
    for headers in ({"host": "rebound.example:4566"}, {"origin": "http://evil.example"}):
        assert inside.ask(ROLES, **headers).status == 403
        assert inside.ask(TOKEN, "PUT", **{TTL: "60"}, **headers).status == 403


def test_version_1_where_it_is_allowed(local: LocalWorld) -> None:
    id, inside = launched(local, "web", MetadataOptions={"HttpTokens": "optional"})
    found = inside.ask(ROLES + "web")
    assert (found.status, json.loads(found.body)["Code"]) == (200, "Success")
    nothing(inside.ask(ROLES, **{HEADER: "wrong"}), 401)
    assert found.body != inside.get(ROLES + "web").body  # the two are told apart by ec2:RoleDelivery
    local.root.workloads.modify_instance_metadata_options(InstanceId=id, HttpTokens="required")
    nothing(inside.ask(ROLES + "web"), 401)


def test_the_endpoint_can_be_off(local: LocalWorld) -> None:
    id, inside = launched(local, "web")
    token = inside.token()
    local.root.workloads.modify_instance_metadata_options(InstanceId=id, HttpEndpoint="disabled")
    nothing(inside.ask(ROLES, **{HEADER: token}), 403)
    nothing(inside.ask(TOKEN, "PUT", **{TTL: "60"}), 403)
    local.root.workloads.modify_instance_metadata_options(InstanceId=id, HttpEndpoint="enabled")
    assert inside.ask(ROLES, **{HEADER: token}).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "latest/meta-data/nothing",
        "latest/meta-data/ami-id/",
        "latest/meta-data//ami-id",
        "latest/meta-data/../meta-data/ami-id",
        "latest/meta-data/iam/security-credentials/other",
        "latest/meta-data/iam/security-credentials/WEB",
        "latest/user-data",
        "latest/meta-data/tags/instance/",
        "2999-01-01/meta-data/",
        "/latest/meta-data/",
        "latest/" + "x" * 5000,
    ],
)
def test_what_is_not_there(local: LocalWorld, path: str) -> None:
    _, inside = launched(local, "web", Tags=[{"Key": "Name", "Value": "one"}])
    nothing(inside.get(path), 404)


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


def test_the_pages_about_the_instance(local: LocalWorld) -> None:
    id, inside = launched(
        local,
        ImageId="ami-0123456789abcdef0",
        InstanceType="m5.large",
        PrivateIpAddress="10.1.2.3",
        VpcId="vpc-0123456789abcdef0",
        SubnetId="subnet-0123456789abcdef0",
    )
    pages = {
        "ami-id": "ami-0123456789abcdef0",
        "instance-id": id,
        "instance-type": "m5.large",
        "local-ipv4": "10.1.2.3",
        "hostname": "ip-10-1-2-3.ec2.internal",
        "placement/region": "us-east-1",
        "placement/availability-zone": "us-east-1a",
        "placement/availability-zone-id": "use1-az1",
        "security-groups": "default",
        "services/domain": "amazonaws.com",
        "services/partition": "aws",
    }
    for path, text in pages.items():
        assert inside.text(f"latest/meta-data/{path}") == text
    mac = inside.text("latest/meta-data/mac")
    start = f"2021-03-23/meta-data/network/interfaces/macs/{mac}/"
    assert inside.text(start + "vpc-id") == "vpc-0123456789abcdef0"
    assert inside.text(start.replace(":", "%3A") + "owner-id") == ACCOUNT


def test_the_listings(local: LocalWorld) -> None:
    _, inside = launched(local, "web")
    assert inside.text("").split("\n")[-1] == "latest"
    assert inside.text("latest") == inside.text("latest/") == "dynamic\nmeta-data"
    assert inside.text("latest/meta-data/iam/") == "info\nsecurity-credentials/"
    shown = inside.text("latest/meta-data/").split("\n")
    assert shown == sorted(shown)
    assert {"ami-id", "iam/", "placement/"} <= set(shown)


def test_every_name_of_every_listing_is_there(local: LocalWorld) -> None:
    _, inside = launched(local, "web", MetadataOptions={"InstanceMetadataTags": "enabled"})
    found = ["latest/meta-data/", "latest/dynamic/"]
    for directory in found:
        names = [directory + name for name in inside.text(directory).split("\n")]
        for name in names:
            if directory == ROLES or not name.endswith("/"):
                assert inside.text(name)
            else:
                found.append(name)
    assert len(found) > 8


def test_tags_where_they_are_shown(local: LocalWorld) -> None:
    tags = [{"Key": "Name", "Value": "one"}, {"Key": "with space", "Value": "hidden"}]
    id, inside = launched(local, Tags=tags, MetadataOptions={"InstanceMetadataTags": "enabled"})
    assert inside.text("latest/meta-data/tags/instance/") == "Name"
    assert inside.text("latest/meta-data/tags/instance/Name") == "one"
    local.root.workloads.modify_instance_metadata_options(InstanceId=id, InstanceMetadataTags="disabled")
    nothing(inside.get("latest/meta-data/tags/instance/Name"), 404)


def test_user_data_are_for_the_instance_alone(local: LocalWorld) -> None:
    id, inside = launched(local, UserData=b"#!/bin/sh\nsecret=\xff\x00")
    assert inside.get("latest/user-data").body == b"#!/bin/sh\nsecret=\xff\x00"
    assert inside.text("latest/") == "dynamic\nmeta-data\nuser-data"
    local.server.store.drain_journal()
    shown = json.dumps(local.events()) + str(local.root.workloads.list_instances())
    assert "secret=" not in shown and base64.b64encode(b"#!/bin/sh").decode() not in shown
    local.root.workloads.deregister_instance(InstanceId=id)
    with local.server.store.read() as tx:
        assert tx.account(ACCOUNT).secrets.get(USER_DATA, id) is None


def test_user_data_are_bounded(local: LocalWorld) -> None:
    launched(local, UserData=b"x" * 16384)
    with refused("ValidationException", 400):
        launched(local, UserData=b"x" * 16385)


def certificate(world: LocalWorld) -> bytes:
    found = answer(AwsEndpoint(world.server), method="GET", path="/_rolekeeper/imds/certificate.pem")
    assert isinstance(found, Answer)
    assert found.status == 200
    return found.body


def test_the_identity_document(local: LocalWorld) -> None:
    id, inside = launched(local)
    found = inside.document("latest/dynamic/instance-identity/document")
    assert (found["instanceId"], found["accountId"], found["region"]) == (id, ACCOUNT, "us-east-1")
    assert (found["privateIp"], found["version"]) == (
        inside.text("latest/meta-data/local-ipv4"),
        "2017-09-30",
    )


def test_the_signatures_of_the_identity_document(local: LocalWorld, tmp_path: Path) -> None:
    _, inside = launched(local)
    _, other = launched(local)
    path = "latest/dynamic/instance-identity/"
    own = certificate(local)
    text = inside.text(path + "document").encode()
    key = x509.load_pem_x509_certificate(own).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(base64.b64decode(inside.text(path + "signature")), text, padding.PKCS1v15(), hashes.SHA256())
    assert inside.text(path + "signature") != other.text(path + "signature")
    (tmp_path / "certificate.pem").write_bytes(own)
    for page in ("pkcs7", "rsa2048"):
        message = f"-----BEGIN PKCS7-----\n{inside.text(path + page)}\n-----END PKCS7-----\n"
        (tmp_path / page).write_text(message)
        shown = smime(tmp_path, page, "certificate.pem")
        assert (shown.returncode, shown.stdout) == (0, text)
    foreign = LocalWorld()
    (tmp_path / "foreign.pem").write_bytes(certificate(foreign))
    foreign.close()
    assert smime(tmp_path, "rsa2048", "foreign.pem").returncode != 0


def smime(place: Path, message: str, certificate: str) -> subprocess.CompletedProcess[bytes]:
    command: list[Any] = [
        "openssl",
        "smime",
        "-verify",
        "-inform",
        "PEM",
        "-noverify",
        "-in",
        place / message,
    ]
    return subprocess.run([*command, "-certfile", place / certificate], capture_output=True, check=False)


def test_the_key_lasts(local: LocalWorld) -> None:
    assert certificate(local) == certificate(local)
    path = "/_rolekeeper/imds/certificate.pem"
    for wrong in ({"method": "PUT", "path": path}, {"method": "GET", "path": path + "/x"}):
        found = answer(AwsEndpoint(local.server), **wrong)
        assert isinstance(found, Answer)
        assert found.status in (404, 405)


def test_after_a_reset_nothing_is_known(local: LocalWorld) -> None:
    _, inside = launched(local, "web")
    token = inside.token()
    assert inside.ask(ROLES, **{HEADER: token}).status == 200
    local.server.reset()
    for _ in range(20):  # as many changes as there were before
        nothing(inside.ask(ROLES, **{HEADER: token}), 404)
        instance(local.root)


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


def test_what_is_made_up_is_always_the_same(local: LocalWorld) -> None:
    """Hardware, security groups and versions, of which nothing is known here."""
    _, inside = launched(local)
    mac = inside.text("latest/meta-data/mac")
    assert mac == inside.text("1.0/meta-data/mac") == inside.text("2024-04-11/meta-data/mac")
    assert inside.text("latest/meta-data/security-groups") == "default"
