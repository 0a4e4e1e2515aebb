"""Outbound identity federation: switched on and off, with an issuer that is the account's for good."""

from __future__ import annotations

import re

import pytest

from rolekeeper.iam.account_features import OutboundFederation
from tests.client import LocalWorld, Person
from tests.people import allow, refused, user

ISSUER = re.compile(r"https://[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tokens\.sts\.global\.api\.aws")


@pytest.mark.parametrize(
    "operation",
    [
        "EnableOutboundWebIdentityFederation",
        "DisableOutboundWebIdentityFederation",
        "GetOutboundWebIdentityFederationInfo",
    ],
)
def test_each_needs_its_permission(root: Person, operation: str) -> None:
    bob = user(root, "bob", allow("iam:*", on="arn:aws:iam::*:user/bob"))
    call = {
        "EnableOutboundWebIdentityFederation": bob.iam.enable_outbound_web_identity_federation,
        "DisableOutboundWebIdentityFederation": bob.iam.disable_outbound_web_identity_federation,
        "GetOutboundWebIdentityFederationInfo": bob.iam.get_outbound_web_identity_federation_info,
    }[operation]
    with refused("AccessDenied", 403, f"iam:{operation} on resource: *"):
        call()


def test_it_is_disabled_at_first(root: Person) -> None:
    text = f"Outbound identity federation is disabled for account {root.account}"
    with refused("FeatureDisabled", 404, text):
        root.iam.get_outbound_web_identity_federation_info()
    with refused("FeatureDisabled", 404, text):
        root.iam.disable_outbound_web_identity_federation()


def test_it_is_not_enabled_twice(root: Person) -> None:
    issuer = root.iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    with refused("FeatureEnabled", 409, root.account):
        root.iam.enable_outbound_web_identity_federation()
    found = root.iam.get_outbound_web_identity_federation_info()
    assert (found["IssuerIdentifier"], found["JwtVendingEnabled"]) == (issuer, True)


def test_the_issuer_outlives_being_disabled(root: Person) -> None:
    issuer = root.iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    root.iam.disable_outbound_web_identity_federation()
    with refused("FeatureDisabled", 404):
        root.iam.get_outbound_web_identity_federation_info()
    assert root.iam.enable_outbound_web_identity_federation()["IssuerIdentifier"] == issuer


def test_every_account_has_an_issuer_of_its_own(root: Person, other: Person) -> None:
    found = {
        person.iam.enable_outbound_web_identity_federation()["IssuerIdentifier"] for person in (root, other)
    }
    assert len(found) == 2
    assert all(ISSUER.fullmatch(issuer) for issuer in found)


def test_the_account_of_an_issuer_is_found(local: LocalWorld) -> None:
    issuer = local.root.iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    identifier = issuer.removeprefix("https://").partition(".")[0]
    with local.server.store.read() as tx:
        found = tx.by_unique_id(f"issuer:{identifier}")
    assert isinstance(found, OutboundFederation)
    assert (found.account, found.issuer) == (local.root.account, issuer)
