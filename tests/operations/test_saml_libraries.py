"""Responses that other libraries made: messages of pysaml2, signatures of libxmlsec1 (tests/vectors/saml)."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.client import LocalWorld, Person
from tests.people import refused, role, trusting
from tests.saml_idp import PROVIDER, ROLE

VECTORS = Path(__file__).parent.parent / "vectors/saml"
MADE = datetime(2040, 1, 1, tzinfo=UTC)


@pytest.fixture
def there(local: LocalWorld) -> LocalWorld:
    """A server on the day on which the vectors say that they were made."""
    local.root.iam.create_saml_provider(
        SAMLMetadataDocument=(VECTORS / "metadata.xml").read_text(),
        Name="corporate",
        AssertionEncryptionMode="Allowed",
        AddPrivateKey=(VECTORS / "decrypting.pem").read_text(),
    )
    actions = ["sts:AssumeRoleWithSAML", "sts:TagSession"]
    role(local.root, "app", trusting({"Federated": PROVIDER}, actions))
    local.advance((MADE - datetime.now(UTC)).total_seconds() + 60)
    return local


def federate(world: LocalWorld, document: bytes) -> dict[str, Any]:
    answer: dict[str, Any] = Person(world, "", "").unsigned_sts.assume_role_with_saml(
        RoleArn=ROLE, PrincipalArn=PROVIDER, SAMLAssertion=base64.b64encode(document).decode()
    )
    return answer


@pytest.mark.parametrize("name", ["assertion", "both", "prefixes", "encrypted-gcm", "encrypted-cbc"])
def test_what_another_library_signed_lets_somebody_in(there: LocalWorld, name: str) -> None:
    answer = federate(there, (VECTORS / f"{name}.xml").read_bytes())
    assert (answer["Subject"], answer["SubjectType"]) == ("alice-4711", "persistent")
    assert answer["AssumedRoleUser"]["Arn"].endswith(":assumed-role/app/alice")
    assert answer["PackedPolicySize"] >= 1


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("assertion", b"alice-4711", b"alice-4712"),
        ("both", b"role/app", b"role/apq"),
        ("both", b"2040-01-01T00:05:00Z", b"2040-01-01T00:06:00Z"),
        ("encrypted-gcm", b"aes256-gcm", b"aes256-cbc"),
        ("encrypted-cbc", b"https://signin", b"https://sigmin"),
    ],
)
def test_what_another_library_signed_cannot_be_changed(
    there: LocalWorld, name: str, before: bytes, after: bytes
) -> None:
    document = (VECTORS / f"{name}.xml").read_bytes()
    assert before in document
    with refused("InvalidIdentityToken", 400):
        federate(there, document.replace(before, after))


def test_a_response_signed_around_an_assertion_that_is_not_is_refused(there: LocalWorld) -> None:
    with refused("InvalidIdentityToken", 400, "Response signature invalid"):
        federate(there, (VECTORS / "response.xml").read_bytes())


def test_it_ends_after_five_minutes(there: LocalWorld) -> None:
    there.advance(241)
    with refused("ExpiredTokenException", 400, "Token must be redeemed within 5 minutes of issuance"):
        federate(there, (VECTORS / "assertion.xml").read_bytes())
