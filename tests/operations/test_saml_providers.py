"""SAML providers: metadata that is read before it is kept, private keys that nobody sees again, tags."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests import saml
from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld, Person
from tests.people import allow, deny, refused, user

ARN = f"arn:aws:iam::{ACCOUNT}:saml-provider/corporate"
TAGS = [{"Key": "team", "Value": "people"}]

ON_ONE = [
    ("get_saml_provider", "GetSAMLProvider", {}),
    ("update_saml_provider", "UpdateSAMLProvider", {"AssertionEncryptionMode": "Allowed"}),
    ("delete_saml_provider", "DeleteSAMLProvider", {}),
    ("tag_saml_provider", "TagSAMLProvider", {"Tags": TAGS}),
    ("untag_saml_provider", "UntagSAMLProvider", {"TagKeys": ["team"]}),
    ("list_saml_provider_tags", "ListSAMLProviderTags", {}),
]


def create(person: Person, name: str = "corporate", **more: Any) -> str:
    given = {"SAMLMetadataDocument": saml.metadata(), "Name": name, **more}
    arn: str = person.iam.create_saml_provider(**given)["SAMLProviderArn"]
    return arn


@pytest.mark.parametrize(("operation", "action", "arguments"), ON_ONE)
def test_each_operation_needs_its_permission(
    root: Person, operation: str, action: str, arguments: dict[str, Any]
) -> None:
    made = create(root)
    bob = user(root, "bob", allow("iam:*"), deny(f"iam:{action}", on=made))
    with refused("AccessDenied", 403, f"perform: iam:{action} on resource: {made} with an explicit deny"):
        getattr(bob.iam, operation)(SAMLProviderArn=made, **arguments)
    eve = user(root, "eve", allow(f"iam:{action}", on=made))
    getattr(eve.iam, operation)(SAMLProviderArn=made, **arguments)


def test_creating_one_needs_the_permission_on_its_arn(root: Person) -> None:
    bob = user(root, "bob", allow("iam:CreateSAMLProvider", on=ARN))
    with refused("AccessDenied", 403, f"on resource: {ARN}2"):
        create(bob, "corporate2")
    with refused("AccessDenied", 403, "iam:TagSAMLProvider"):
        create(bob, Tags=TAGS)
    assert create(bob) == ARN


def test_what_is_no_metadata_is_refused(root: Person) -> None:
    with refused("InvalidInput", 400, "Could not parse metadata"):
        create(root, SAMLMetadataDocument="x" * 1000)
    with refused("ValidationError", 400, "greater than or equal to 1000"):
        create(root, SAMLMetadataDocument="<EntityDescriptor/>")
    made = create(root)
    with refused("InvalidInput", 400, "Could not parse metadata"):
        root.iam.update_saml_provider(SAMLProviderArn=made, SAMLMetadataDocument=saml.metadata(keys=""))
    found = root.iam.get_saml_provider(SAMLProviderArn=made)
    assert found["SAMLMetadataDocument"] == saml.metadata()


def test_a_name_stands_once_in_an_account(root: Person, other: Person) -> None:
    create(root)
    with refused("EntityAlreadyExists", 409, "Provider with name corporate already exists."):
        create(root)
    assert create(other) == ARN.replace(ACCOUNT, OTHER_ACCOUNT)
    with refused("ValidationError", 400):
        create(root, "not a name")


def test_there_are_at_most_a_hundred(root: Person) -> None:
    for number in range(100):
        create(root, f"idp-{number}")
    with refused("LimitExceeded", 409, "Cannot exceed quota for SAMLProvidersPerAccount: 100"):
        create(root)


@pytest.mark.parametrize(("operation", "action", "arguments"), ON_ONE)
def test_one_that_is_not_there(root: Person, operation: str, action: str, arguments: dict[str, Any]) -> None:
    create(root, "other")
    with refused("NoSuchEntity", 404, f"Manifest not found for arn {ARN}"):
        getattr(root.iam, operation)(SAMLProviderArn=ARN, **arguments)
    with refused("ValidationError", 400, "is not valid"):
        getattr(root.iam, operation)(SAMLProviderArn=ARN.replace("saml", "oidc"), **arguments)


@pytest.mark.parametrize(("operation", "action", "arguments"), ON_ONE)
def test_another_account_has_no_say(
    root: Person, other: Person, operation: str, action: str, arguments: dict[str, Any]
) -> None:
    made = create(root, Tags=TAGS)
    with refused("AccessDenied", 403):
        getattr(other.iam, operation)(SAMLProviderArn=made, **arguments)
    assert root.iam.get_saml_provider(SAMLProviderArn=made)["Tags"] == TAGS


def test_it_is_shown_as_it_was_given(root: Person) -> None:
    text = saml.metadata(ends=' validUntil="2031-05-01T00:00:00Z"')
    made = create(root, SAMLMetadataDocument=text, AssertionEncryptionMode="Required")
    found = root.iam.get_saml_provider(SAMLProviderArn=made)
    assert found["SAMLMetadataDocument"] == text
    assert found["ValidUntil"] == datetime(2031, 5, 1, tzinfo=UTC)
    assert found["AssertionEncryptionMode"] == "Required"
    assert found["SAMLProviderUUID"].isalnum()
    assert 22 <= len(found["SAMLProviderUUID"]) <= 64
    (listed,) = root.iam.list_saml_providers()["SAMLProviderList"]
    assert listed == {key: {**found, "Arn": made}[key] for key in ("Arn", "ValidUntil", "CreateDate")}


def test_without_an_end_it_is_valid_for_a_hundred_years(root: Person) -> None:
    found = root.iam.get_saml_provider(SAMLProviderArn=create(root))
    assert found["ValidUntil"] - found["CreateDate"] > timedelta(days=36500)
    assert "AssertionEncryptionMode" not in found


def test_new_metadata_replace_the_old_ones(root: Person) -> None:
    made = create(root, Tags=TAGS)
    before = root.iam.get_saml_provider(SAMLProviderArn=made)
    text = saml.metadata(issuer="https://new.example", ends=' validUntil="2031-05-01T00:00:00Z"')
    answer = root.iam.update_saml_provider(SAMLProviderArn=made, SAMLMetadataDocument=text)
    assert answer["SAMLProviderArn"] == made
    after = root.iam.get_saml_provider(SAMLProviderArn=made)
    assert after["SAMLMetadataDocument"] == text
    assert after["ValidUntil"].year == 2031
    assert [after[key] for key in ("SAMLProviderUUID", "CreateDate", "Tags")] == [
        before[key] for key in ("SAMLProviderUUID", "CreateDate", "Tags")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "no key",
        saml.certificate(),
        saml.private_key(b"password"),
        saml.private_key_of_another_kind(),
        saml.private_key_of_numbers(2**1500 + 1, 2**1501 + 1),  # they are no primes
        saml.private_key_of_numbers(2**4000 + 1, 2**4001 + 1),
    ],
)
def test_what_is_no_private_key_is_refused(root: Person, text: str) -> None:
    with refused("InvalidInput", 400, "not an RSA key of at most 4096 bits in PEM"):
        create(root, AddPrivateKey=text)
    with refused("NoSuchEntity", 404):
        root.iam.get_saml_provider(SAMLProviderArn=ARN)


def test_keys_are_rotated_in_two_requests(root: Person) -> None:
    made = create(root, AddPrivateKey=saml.private_key())

    def keys() -> list[str]:
        found = root.iam.get_saml_provider(SAMLProviderArn=made)["PrivateKeyList"]
        return [one["KeyId"] for one in found if one["Timestamp"]]

    (old,) = keys()
    with refused("InvalidInput", 400, "added in one request and removed in another"):
        root.iam.update_saml_provider(
            SAMLProviderArn=made, AddPrivateKey=saml.private_key(), RemovePrivateKey=old
        )
    root.iam.update_saml_provider(SAMLProviderArn=made, AddPrivateKey=saml.private_key())
    with refused("LimitExceeded", 409, "Cannot exceed quota for PrivateKeysPerSAMLProvider: 2"):
        root.iam.update_saml_provider(SAMLProviderArn=made, AddPrivateKey=saml.private_key())
    root.iam.update_saml_provider(SAMLProviderArn=made, RemovePrivateKey=old)
    assert len(keys()) == 1
    with refused("NoSuchEntity", 404, old):
        root.iam.update_saml_provider(SAMLProviderArn=made, RemovePrivateKey=old)


def test_a_private_key_is_kept_sealed_and_shown_to_nobody(local: LocalWorld) -> None:
    made = create(local.root, AddPrivateKey=saml.private_key())
    found = local.root.iam.get_saml_provider(SAMLProviderArn=made)
    secret = saml.private_key().splitlines()[1]
    assert secret not in str(found)
    assert secret not in str(local.events())
    key_id = found["PrivateKeyList"][0]["KeyId"]

    def kept() -> Any:
        with local.server.store.read() as tx:
            return tx.account(ACCOUNT).secrets.get("saml-provider", key_id)

    assert kept().reveal() == saml.private_key()
    local.root.iam.delete_saml_provider(SAMLProviderArn=made)
    assert kept() is None


def test_listing_needs_the_permission(root: Person) -> None:
    bob, eve = user(root, "bob"), user(root, "eve", allow("iam:ListSAMLProviders"))
    with refused("AccessDenied", 403, f"arn:aws:iam::{ACCOUNT}:saml-provider/*"):
        bob.iam.list_saml_providers()
    assert eve.iam.list_saml_providers()["SAMLProviderList"] == []


def test_tags_are_sorted_and_can_be_conditions(root: Person) -> None:
    made = create(root, Tags=[*TAGS, {"Key": "A", "Value": "1"}])
    listed = root.iam.list_saml_provider_tags(SAMLProviderArn=made)
    assert listed["Tags"] == [{"Key": "A", "Value": "1"}, *TAGS]
    tied = {"StringEquals": {"aws:ResourceTag/team": "people"}}
    bob = user(root, "bob", allow("iam:GetSAMLProvider", Condition=tied))
    assert bob.iam.get_saml_provider(SAMLProviderArn=made)
    root.iam.untag_saml_provider(SAMLProviderArn=made, TagKeys=["TEAM"])
    with refused("AccessDenied", 403):
        bob.iam.get_saml_provider(SAMLProviderArn=made)


def test_large_metadata_come_back_whole(root: Person) -> None:
    text = saml.metadata() + "<!-- é -->" * 30_000
    found = root.iam.get_saml_provider(SAMLProviderArn=create(root, SAMLMetadataDocument=text))
    assert found["SAMLMetadataDocument"] == text
