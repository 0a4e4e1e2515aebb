"""The instance metadata service: what an instance is told about itself, and what vouches for it."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from rolekeeper.endpoints.aws import AwsEndpoint
from rolekeeper.service.instance_metadata import USER_DATA
from tests.client import ACCOUNT, LocalWorld
from tests.endpoints.asgi import Answer, answer
from tests.endpoints.instances import ROLES, launched, nothing
from tests.people import refused


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


def test_what_is_made_up_is_always_the_same(local: LocalWorld) -> None:
    """Hardware, security groups and versions, of which nothing is known here."""
    _, inside = launched(local)
    mac = inside.text("latest/meta-data/mac")
    assert mac == inside.text("1.0/meta-data/mac") == inside.text("2024-04-11/meta-data/mac")
    assert inside.text("latest/meta-data/security-groups") == "default"
