"""Server certificates: what is taken, what is shown, and what never is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.certificates import Pair
from tests.client import LocalWorld, Person
from tests.people import allow, deny, refused, user

CANNOT_PARSE = "Unable to parse certificate. Please ensure the certificate is in PEM format."


def upload(person: Person, name: str, pair: Pair | None = None, **more: Any) -> dict[str, Any]:
    pair = pair or Pair("example.test")
    answer: dict[str, Any] = person.iam.upload_server_certificate(
        ServerCertificateName=name,
        **{"CertificateBody": pair.pem, "PrivateKey": pair.private()} | more,
    )
    return answer


@pytest.mark.parametrize("body", ["nonsense", "text before it\n{pem}", "{pem}{pem}", "{key}"])
def test_a_body_is_one_certificate_in_pem(root: Person, body: str) -> None:
    pair = Pair("example.test")
    with refused("MalformedCertificate", 400, CANNOT_PARSE):
        upload(root, "web", pair, CertificateBody=body.format(pem=pair.pem, key=pair.private()))


def test_the_key_is_the_certificates(root: Person) -> None:
    pair = Pair("example.test")
    with refused("KeyPairMismatch", 400):
        upload(root, "web", pair, PrivateKey=Pair("example.test").private())
    for key in ("nonsense", pair.private("a password"), pair.pem):
        with refused("MalformedCertificate", 400, "Invalid Private Key."):
            upload(root, "web", pair, PrivateKey=key)


def test_a_chain_goes_from_issuer_to_issuer(root: Person) -> None:
    authority = Pair("authority")
    middle = Pair("middle", authority)
    pair = Pair("example.test", middle)
    text = "The index within the chain of the invalid certificate is: "
    for chain, index in (
        (authority.pem + middle.pem, -1),
        (Pair("middle", authority).pem, -1),
        (middle.pem + Pair("authority").pem, 0),
        ("Certificate:\n" + middle.pem, 0),
    ):
        with refused("MalformedCertificate", 400, f"{text}{index}"):
            upload(root, "web", pair, CertificateChain=chain)
    upload(root, "web", pair, CertificateChain=middle.pem + authority.pem)
    shown = root.iam.get_server_certificate(ServerCertificateName="web")["ServerCertificate"]
    assert shown["CertificateChain"] == (middle.pem + authority.pem).strip()


@pytest.mark.parametrize("dates", [{"starts": 1}, {"starts": -9, "ends": -1}])
def test_a_certificate_is_valid_when_it_comes(root: Person, dates: dict[str, Any]) -> None:
    with refused("MalformedCertificate", 400):
        upload(root, "web", Pair("example.test", **dates))


def test_a_certificate_is_shown_without_its_key(local: LocalWorld) -> None:
    root, pair = local.root, Pair("example.test")
    tags = [{"Key": "a", "Value": "b"}]
    made = upload(root, "web", pair, Path="/cloudfront/", Tags=tags)
    metadata = made["ServerCertificateMetadata"]
    assert metadata["Arn"] == f"arn:aws:iam::{root.account}:server-certificate/cloudfront/web"
    assert metadata["ServerCertificateId"].startswith("ASCA")
    assert metadata["Expiration"] == pair.certificate.not_valid_after_utc
    shown = root.iam.get_server_certificate(ServerCertificateName="web")["ServerCertificate"]
    assert shown == {"ServerCertificateMetadata": metadata, "CertificateBody": pair.pem.strip(), "Tags": tags}
    listed = root.iam.list_server_certificates(PathPrefix="/cloudfront/")["ServerCertificateMetadataList"]
    assert listed == [metadata]
    assert root.iam.list_server_certificates(PathPrefix="/x/")["ServerCertificateMetadataList"] == []
    assert pair.private().splitlines()[1] not in json.dumps(local.events())


def test_a_name_is_taken_once_and_there_are_twenty(root: Person) -> None:
    pair = Pair("example.test")
    for number in range(20):
        upload(root, f"web{number}", pair)
    with refused("EntityAlreadyExists", 409, "The Server Certificate with name WEB0 already exists."):
        upload(root, "WEB0", pair)
    with refused("LimitExceeded", 409, "Cannot exceed quota for ServerCertificatesPerAccount: 20"):
        upload(root, "one-more", pair)


def test_renaming_keeps_the_certificate_and_needs_both_permissions(root: Person) -> None:
    identity = upload(root, "web")["ServerCertificateMetadata"]["ServerCertificateId"]
    upload(root, "other")
    arn = "arn:aws:iam::*:server-certificate/"
    bob = user(root, "bob", allow("iam:UpdateServerCertificate", on=[f"{arn}web", f"{arn}new"]))
    with refused("AccessDenied", 403, "server-certificate/admin"):
        bob.iam.update_server_certificate(ServerCertificateName="web", NewServerCertificateName="admin")
    with refused("EntityAlreadyExists", 409):
        root.iam.update_server_certificate(ServerCertificateName="web", NewServerCertificateName="other")
    bob.iam.update_server_certificate(ServerCertificateName="web", NewServerCertificateName="new")
    root.iam.update_server_certificate(ServerCertificateName="new", NewPath="/a/")
    shown = root.iam.get_server_certificate(ServerCertificateName="new")["ServerCertificate"]
    assert shown["ServerCertificateMetadata"]["ServerCertificateId"] == identity
    assert shown["ServerCertificateMetadata"]["Path"] == "/a/"


def test_what_is_deleted_is_gone(root: Person) -> None:
    upload(root, "web")
    with refused("AccessDenied", 403, "iam:DeleteServerCertificate"):
        user(root, "bob").iam.delete_server_certificate(ServerCertificateName="web")
    root.iam.delete_server_certificate(ServerCertificateName="web")
    for call in (root.iam.get_server_certificate, root.iam.delete_server_certificate):
        with refused("NoSuchEntity", 404, "The Server Certificate with name web cannot be found."):
            call(ServerCertificateName="web")


def test_tags_and_conditions_on_them(root: Person) -> None:
    upload(root, "web")
    root.iam.tag_server_certificate(ServerCertificateName="web", Tags=[{"Key": "team", "Value": "a"}])
    own = {"StringEquals": {"aws:ResourceTag/team": "a"}}
    bob = user(root, "bob", allow("iam:*"), deny("iam:DeleteServerCertificate", Condition=own))
    with refused("AccessDenied", 403, "with an explicit deny"):
        bob.iam.delete_server_certificate(ServerCertificateName="web")
    bob.iam.untag_server_certificate(ServerCertificateName="web", TagKeys=["TEAM"])
    assert bob.iam.list_server_certificate_tags(ServerCertificateName="web")["Tags"] == []
    bob.iam.delete_server_certificate(ServerCertificateName="web")


def test_uploading_with_tags_needs_the_permission_to_tag(root: Person) -> None:
    bob = user(root, "bob", allow("iam:UploadServerCertificate"))
    with refused("AccessDenied", 403, "iam:TagServerCertificate"):
        upload(bob, "web", Tags=[{"Key": "a", "Value": "b"}])
    upload(bob, "web")
