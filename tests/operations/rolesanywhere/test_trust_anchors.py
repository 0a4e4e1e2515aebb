"""Trust anchors, and what is kept of their notifications."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.anywhere import Machine, authority
from tests.client import LocalWorld
from tests.operations.rolesanywhere.site import ROOT, Site, bundle, client
from tests.people import allow, refused, user


def test_a_trust_anchor_from_making_to_deleting(site: Site) -> None:
    made = site.client.create_trust_anchor(name="a", source=bundle(ROOT))["trustAnchor"]
    assert made["enabled"] is False
    assert made["trustAnchorArn"].endswith(f":trust-anchor/{made['trustAnchorId']}")
    identifier = made["trustAnchorId"]
    assert site.client.get_trust_anchor(trustAnchorId=identifier)["trustAnchor"] == made
    assert site.client.enable_trust_anchor(trustAnchorId=identifier)["trustAnchor"]["enabled"]
    assert not site.client.disable_trust_anchor(trustAnchorId=identifier)["trustAnchor"]["enabled"]
    other = authority("other")
    changed = site.client.update_trust_anchor(trustAnchorId=identifier, name="b", source=bundle(other))
    assert changed["trustAnchor"]["name"] == "b"
    assert changed["trustAnchor"]["source"] == bundle(other)
    assert site.client.delete_trust_anchor(trustAnchorId=identifier)["trustAnchor"]["name"] == "b"
    with refused("ResourceNotFoundException", 404):
        site.client.get_trust_anchor(trustAnchorId=identifier)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ({"sourceType": "AWS_ACM_PCA", "sourceData": {"acmPcaArn": "arn:aws:acm-pca:x"}}, "not supported"),
        ({"sourceType": "SELF_SIGNED_REPOSITORY"}, "not supported"),
        ({"sourceType": "CERTIFICATE_BUNDLE"}, "needs x509CertificateData"),
        (bundle(Machine("leaf", ROOT)), "must say that it is an authority"),
        (bundle(ROOT, ROOT, ROOT), "at most 2"),
        ({"sourceType": "CERTIFICATE_BUNDLE", "sourceData": {"x509CertificateData": "x"}}, "bundle"),
        ({"sourceType": "NONE"}, "enum value set"),
    ],
)
def test_what_is_no_authority_is_no_anchor(site: Site, source: dict[str, Any], why: str) -> None:
    with refused("ValidationException", 400, why):
        site.client.create_trust_anchor(name="a", source=source)
    with refused("ValidationException", 400, why):
        site.client.update_trust_anchor(trustAnchorId=site.anchor["trustAnchorId"], source=source)


def test_distribution_points_are_not_asked(site: Site) -> None:
    with refused("ValidationException", 400, "ImportCrl"):
        site.client.create_trust_anchor(name="a", source=bundle(ROOT), crlDpRevocationEnabled=True)
    with refused("ValidationException", 400, "ImportCrl"):
        site.client.update_trust_anchor(
            trustAnchorId=site.anchor["trustAnchorId"], crlDpRevocationEnabled=True
        )


def test_lists_come_in_pages_of_one_region(site: Site) -> None:
    for number in range(4):
        site.add_anchor(ROOT, name=str(number))
    pages = site.client.get_paginator("list_trust_anchors").paginate(pageSize=2)
    sizes = [len(page["trustAnchors"]) for page in pages]
    assert sizes == [2, 2, 1]
    elsewhere = client(site.root.in_region("eu-west-1"))
    assert elsewhere.list_trust_anchors()["trustAnchors"] == []
    with refused("ResourceNotFoundException", 404):
        elsewhere.get_trust_anchor(trustAnchorId=site.anchor["trustAnchorId"])
    with refused("ValidationException", 400, "nextToken"):
        site.client.list_trust_anchors(nextToken="%%")
    with refused("ValidationException", 400, "pageSize"):
        site.client.list_trust_anchors(pageSize=0)


def test_there_are_so_many_in_a_region(world_with: Callable[..., LocalWorld]) -> None:
    site = Site(world_with(limits={"trust_anchors": 2}))
    site.add_anchor(ROOT)
    with refused("ValidationException", 400, "limit of 2"):
        site.add_anchor(ROOT)
    client(site.root.in_region("eu-west-1")).create_trust_anchor(name="a", source=bundle(ROOT))


def test_an_alias_names_one_resource_of_a_kind(site: Site) -> None:
    made = site.add_anchor(ROOT, aliasName="team/ca")
    assert made["aliasArn"].endswith(":alias/trust-anchor/team/ca")
    found = site.client.get_trust_anchor(trustAnchorId=made["aliasArn"])["trustAnchor"]
    assert found["trustAnchorId"] == made["trustAnchorId"]
    with refused("ValidationException", 400, "already in use"):
        site.add_anchor(ROOT, aliasName="team/ca")
    with refused("ValidationException", 400, "reserved"):
        site.add_anchor(ROOT, aliasName="AWS/x")
    site.client.create_profile(name="p", roleArns=[], aliasName="team/ca")
    identifier = made["trustAnchorArn"]
    told = site.client.update_trust_anchor(trustAnchorId=identifier, aliasName="ca")["trustAnchor"]
    assert (told["aliasName"], told["previousAliasName"]) == ("ca", "team/ca")
    with refused("ResourceNotFoundException", 404):
        site.client.get_trust_anchor(trustAnchorId=made["aliasArn"])
    gone = site.client.update_trust_anchor(trustAnchorId=identifier, aliasName="")["trustAnchor"]
    assert "aliasName" not in gone
    site.add_anchor(ROOT, aliasName="ca")


def test_policies_name_the_anchor_by_its_id(site: Site) -> None:
    made = site.add_anchor(ROOT, aliasName="ca")
    alice = client(user(site.root, "alice", allow("rolesanywhere:*", on=made["trustAnchorArn"])))
    bob = client(user(site.root, "bob", allow("rolesanywhere:*", on=made["aliasArn"])))
    alice.get_trust_anchor(trustAnchorId=made["aliasArn"])
    alice.disable_trust_anchor(trustAnchorId=made["trustAnchorId"])
    with refused("AccessDeniedException", 403, made["trustAnchorArn"]):
        bob.get_trust_anchor(trustAnchorId=made["aliasArn"])
    with refused("AccessDeniedException", 403, "rolesanywhere:GetTrustAnchor"):
        alice.get_trust_anchor(trustAnchorId=site.anchor["trustAnchorId"])
    with refused("AccessDeniedException", 403, "rolesanywhere:ListTrustAnchors"):
        alice.list_trust_anchors()
    with refused("AccessDeniedException", 403, "rolesanywhere:CreateTrustAnchor"):
        alice.create_trust_anchor(name="a", source=bundle(ROOT))


def test_tags_at_the_start_need_the_right_to_tag(site: Site) -> None:
    alice = client(user(site.root, "alice", allow("rolesanywhere:CreateTrustAnchor")))
    with refused("AccessDeniedException", 403, "rolesanywhere:TagResource"):
        alice.create_trust_anchor(name="a", source=bundle(ROOT), tags=[{"key": "k", "value": "v"}])
    team = {"StringEquals": {"aws:RequestTag/team": "web"}}
    bob = client(user(site.root, "bob", allow("rolesanywhere:*", Condition=team)))
    bob.create_trust_anchor(name="a", source=bundle(ROOT), tags=[{"key": "team", "value": "web"}])
    with refused("AccessDeniedException", 403, "rolesanywhere:CreateTrustAnchor"):
        bob.create_trust_anchor(name="a", source=bundle(ROOT), tags=[{"key": "team", "value": "x"}])


def test_notifications_have_defaults_and_settings_of_ones_own(site: Site) -> None:
    identifier = site.anchor["trustAnchorId"]
    own = {"event": "CA_CERTIFICATE_EXPIRY", "enabled": True, "threshold": 10}
    told = site.client.put_notification_settings(trustAnchorId=identifier, notificationSettings=[own])
    first, second = told["trustAnchor"]["notificationSettings"]
    assert first == own | {"channel": "ALL", "configuredBy": site.root.account}
    assert (second["threshold"], second["configuredBy"]) == (45, "rolesanywhere.amazonaws.com")
    with refused("ValidationException", 400, "threshold"):
        site.client.put_notification_settings(
            trustAnchorId=identifier, notificationSettings=[{"event": own["event"], "enabled": True}]
        )
    back = site.client.reset_notification_settings(
        trustAnchorId=identifier, notificationSettingKeys=[{"event": "CA_CERTIFICATE_EXPIRY"}]
    )
    assert back["trustAnchor"]["notificationSettings"][0]["threshold"] == 45


def test_another_account_sees_nothing(local: LocalWorld, site: Site) -> None:
    theirs = client(local.other)
    assert theirs.list_trust_anchors()["trustAnchors"] == []
    for identifier in (site.anchor["trustAnchorId"], site.anchor["trustAnchorArn"]):
        with refused("ResourceNotFoundException", 404):
            theirs.delete_trust_anchor(trustAnchorId=identifier)
