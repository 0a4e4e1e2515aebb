"""Signing certificates: two a user, and each once in an account."""

from __future__ import annotations

from typing import Any

from tests.certificates import Pair
from tests.client import Person
from tests.people import allow, refused, user


def upload(person: Person, pair: Pair | None = None, **more: Any) -> dict[str, Any]:
    body = (pair or Pair("bob")).pem
    made: dict[str, Any] = person.iam.upload_signing_certificate(CertificateBody=body, **more)["Certificate"]
    return made


def test_a_certificate_is_read_and_valid(root: Person) -> None:
    root.iam.create_user(UserName="bob")
    with refused("MalformedCertificate", 400):
        root.iam.upload_signing_certificate(UserName="bob", CertificateBody="nonsense")
    with refused("InvalidCertificate", 400):
        upload(root, Pair("bob", starts=-9, ends=-1), UserName="bob")
    with refused("NoSuchEntity", 404):
        upload(root, UserName="nobody")


def test_a_certificate_is_there_once_and_a_user_has_two(root: Person) -> None:
    for name in ("bob", "eve"):
        root.iam.create_user(UserName=name)
    pair = Pair("bob")
    upload(root, pair, UserName="bob")
    for name in ("bob", "eve"):
        with refused("DuplicateCertificate", 409):
            upload(root, pair, UserName=name)
    upload(root, UserName="bob")
    with refused("LimitExceeded", 409, "Cannot exceed quota for SigningCertificatesPerUser: 2"):
        upload(root, UserName="bob")


def test_a_users_certificates_follow_the_user(root: Person) -> None:
    bob = user(root, "bob", allow("iam:*Certificate*", on="arn:aws:iam::*:user/bob"))
    pair = Pair("bob")
    made = upload(bob, pair)
    assert (made["UserName"], made["Status"], made["CertificateBody"]) == ("bob", "Active", pair.pem)
    bob.iam.update_signing_certificate(CertificateId=made["CertificateId"], Status="Inactive")
    (shown,) = bob.iam.list_signing_certificates()["Certificates"]
    assert shown == made | {"Status": "Inactive"}
    with refused("InvalidInput", 400):
        bob.iam.update_signing_certificate(CertificateId=made["CertificateId"], Status="Expired")
    root.iam.update_user(UserName="bob", NewUserName="robert")
    (shown,) = root.iam.list_signing_certificates(UserName="robert")["Certificates"]
    assert shown["UserName"] == "robert"


def test_a_user_with_a_certificate_is_not_deleted(root: Person) -> None:
    root.iam.create_user(UserName="bob")
    pair = Pair("bob")
    made = upload(root, pair, UserName="bob")
    with refused("DeleteConflict", 409, "must delete signing certificates first"):
        root.iam.delete_user(UserName="bob")
    root.iam.create_user(UserName="eve")
    with refused("NoSuchEntity", 404, f"The Certificate with id {made['CertificateId']} cannot be found."):
        root.iam.delete_signing_certificate(UserName="eve", CertificateId=made["CertificateId"])
    root.iam.delete_signing_certificate(UserName="bob", CertificateId=made["CertificateId"])
    root.iam.delete_user(UserName="bob")
    upload(root, pair, UserName="eve")


def test_the_root_user_has_its_own(root: Person) -> None:
    made = upload(root)
    assert [one["CertificateId"] for one in root.iam.list_signing_certificates()["Certificates"]] == [
        made["CertificateId"]
    ]
    bob = user(root, "bob", allow("iam:*"))
    with refused("NoSuchEntity", 404):
        bob.iam.delete_signing_certificate(CertificateId=made["CertificateId"])


def test_nobody_uploads_for_another_without_permission(root: Person) -> None:
    bob = user(root, "bob", allow("iam:UploadSigningCertificate", on="arn:aws:iam::*:user/bob"))
    root.iam.create_user(UserName="eve")
    with refused("AccessDenied", 403, "iam:UploadSigningCertificate on resource: "):
        upload(bob, UserName="eve")
