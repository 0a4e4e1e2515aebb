"""SSH public keys: RSA, in two encodings, five a user."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_public_key

from tests.certificates import openssh, public_pem
from tests.client import Person
from tests.people import allow, refused, user


@pytest.fixture
def bob(root: Person) -> Person:
    """A user who may manage his own keys."""
    return user(root, "bob", allow("iam:*SSHPublicKey*", on="arn:aws:iam::*:user/bob"))


def upload(person: Person, body: str, name: str = "bob") -> dict[str, str]:
    answer = person.iam.upload_ssh_public_key(UserName=name, SSHPublicKeyBody=body)
    made: dict[str, str] = answer["SSHPublicKey"]
    return made


def test_a_key_is_an_rsa_key_of_2048_bits(bob: Person) -> None:
    curve = ed25519.Ed25519PrivateKey.generate().public_key()
    for body in ("ssh-rsa AAAA", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"):
        with refused("InvalidPublicKey", 400):
            upload(bob, body)
    with refused("InvalidPublicKey", 400, "at least 2048 bits"):
        upload(bob, openssh(bits=1024))
    with refused("InvalidPublicKey", 400):
        upload(bob, curve.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())
    for body in ("nonsense", curve.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()):
        with refused("UnrecognizedPublicKeyEncoding", 400):
            upload(bob, body)


def test_a_key_is_read_in_both_encodings(bob: Person) -> None:
    made = upload(bob, f"{openssh()} bob@laptop")
    assert made["SSHPublicKeyId"].startswith("APKA")
    raw = load_ssh_public_key(openssh().encode())
    assert raw.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode() == public_pem()
    key = {"UserName": "bob", "SSHPublicKeyId": made["SSHPublicKeyId"]}
    ssh = bob.iam.get_ssh_public_key(**key, Encoding="SSH")["SSHPublicKey"]
    pem = bob.iam.get_ssh_public_key(**key, Encoding="PEM")["SSHPublicKey"]
    assert ssh == made
    assert pem["SSHPublicKeyBody"] == public_pem().strip()
    assert len(bytes.fromhex(pem["Fingerprint"].replace(":", ""))) == hashlib.new("md5").digest_size


def test_a_user_has_a_key_once_whatever_its_encoding(root: Person, bob: Person) -> None:
    upload(bob, public_pem())
    with refused("DuplicateSSHPublicKey", 400):
        upload(bob, openssh() + " again")
    root.iam.create_user(UserName="eve")
    upload(root, openssh(), "eve")


def test_a_user_has_five_keys_at_most(bob: Person) -> None:
    for number in range(5):
        upload(bob, openssh(number))
    with refused("LimitExceeded", 409, "Cannot exceed quota for SSHPublicKeysPerUser: 5"):
        upload(bob, openssh(5))


def test_keys_are_listed_without_themselves_and_switched_off(root: Person, bob: Person) -> None:
    made = upload(bob, openssh())
    key = {"UserName": "bob", "SSHPublicKeyId": made["SSHPublicKeyId"]}
    with refused("InvalidInput", 400):
        bob.iam.update_ssh_public_key(**key, Status="Expired")
    bob.iam.update_ssh_public_key(**key, Status="Inactive")
    (shown,) = bob.iam.list_ssh_public_keys()["SSHPublicKeys"]
    assert shown == key | {"Status": "Inactive", "UploadDate": made["UploadDate"]}
    assert root.iam.list_ssh_public_keys(UserName="bob")["SSHPublicKeys"] == [shown]


def test_a_user_with_a_key_is_not_deleted(root: Person, bob: Person) -> None:
    made = upload(bob, openssh())
    root.iam.create_user(UserName="eve")
    missing = f"The Public Key with id {made['SSHPublicKeyId']} cannot be found."
    with refused("NoSuchEntity", 404, missing):
        root.iam.delete_ssh_public_key(UserName="eve", SSHPublicKeyId=made["SSHPublicKeyId"])
    root.iam.delete_access_key(UserName="bob", AccessKeyId=bob.key_id)
    root.iam.delete_user_policy(UserName="bob", PolicyName="own")
    with refused("DeleteConflict", 409, "must remove referenced objects first"):
        root.iam.delete_user(UserName="bob")
    root.iam.update_user(UserName="bob", NewUserName="robert")
    root.iam.delete_ssh_public_key(UserName="robert", SSHPublicKeyId=made["SSHPublicKeyId"])
    root.iam.delete_user(UserName="robert")


def test_nobody_sees_anothers_keys_without_permission(root: Person, bob: Person) -> None:
    root.iam.create_user(UserName="eve")
    with refused("AccessDenied", 403, "iam:ListSSHPublicKeys on resource: "):
        bob.iam.list_ssh_public_keys(UserName="eve")
