"""Profiles: who may put a role into one, and what they keep."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.client import LocalWorld
from tests.operations.rolesanywhere.site import Site, client
from tests.people import allow, policy, refused, role, user

PASSED = {"StringEquals": {"iam:PassedToService": "rolesanywhere.amazonaws.com"}}


def test_a_profile_from_making_to_deleting(site: Site) -> None:
    made = site.client.create_profile(name="p", roleArns=[site.role])["profile"]
    identifier = made["profileId"]
    assert (made["enabled"], made["durationSeconds"], made["createdBy"]) == (False, 3600, site.root.account)
    assert site.client.get_profile(profileId=made["profileArn"])["profile"] == made
    changed = site.client.update_profile(profileId=identifier, name="q", durationSeconds=900, roleArns=[])
    assert (changed["profile"]["name"], changed["profile"]["durationSeconds"]) == ("q", 900)
    assert changed["profile"]["roleArns"] == []
    assert site.client.enable_profile(profileId=identifier)["profile"]["enabled"]
    assert len(site.client.list_profiles()["profiles"]) == 2
    site.client.delete_profile(profileId=identifier)
    with refused("ResourceNotFoundException", 404):
        site.client.disable_profile(profileId=identifier)


def test_a_role_must_be_passed(site: Site) -> None:
    other = role(site.root, "other", site.trust())
    statements = [allow("rolesanywhere:*"), allow("iam:PassRole", on=site.role, Condition=PASSED)]
    alice = client(user(site.root, "alice", *statements))
    made = alice.create_profile(name="p", roleArns=[site.role])["profile"]
    for roles in ([other], [site.role, other]):
        with refused("AccessDeniedException", 403, "iam:PassRole"):
            alice.create_profile(name="p", roleArns=roles)
        with refused("AccessDeniedException", 403, "iam:PassRole"):
            alice.update_profile(profileId=made["profileId"], roleArns=roles)
    alice.update_profile(profileId=made["profileId"], name="q")
    elsewhere = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    bob = client(user(site.root, "bob", allow("rolesanywhere:*"), allow("iam:PassRole", Condition=elsewhere)))
    with refused("AccessDeniedException", 403, "iam:PassRole"):
        bob.create_profile(name="p", roleArns=[site.role])
    with refused("AccessDeniedException", 403, "Cross-account"):
        alice.create_profile(name="p", roleArns=["arn:aws:iam::222222222222:role/x"])


@pytest.mark.parametrize(
    "more",
    [
        {"durationSeconds": 899},
        {"durationSeconds": 43201},
        {"sessionPolicy": "{}"},
        {"roleArns": ["x"]},
        {"name": "a/b"},
        {"aliasName": "a//b"},
    ],
)
def test_what_does_not_fit_is_refused(site: Site, more: dict[str, object]) -> None:
    with refused("ValidationException", 400):
        site.client.create_profile(**({"name": "p", "roleArns": [site.role]} | more))


def test_mappings_are_put_by_field_and_taken_by_specifier(site: Site) -> None:
    identifier = site.profile["profileId"]

    def mappings(profile: dict[str, object]) -> dict[str, list[str]]:
        found = profile["attributeMappings"]
        assert isinstance(found, list)
        return {
            each["certificateField"]: [rule["specifier"] for rule in each["mappingRules"]] for each in found
        }

    rules = [{"specifier": "CN"}, {"specifier": "OU"}]
    put = site.client.put_attribute_mapping(
        profileId=identifier, certificateField="x509Subject", mappingRules=rules
    )
    assert mappings(put["profile"])["x509Subject"] == ["CN", "OU"]
    left = site.client.delete_attribute_mapping(
        profileId=identifier, certificateField="x509Subject", specifiers=["CN"]
    )
    assert mappings(left["profile"])["x509Subject"] == ["OU"]
    gone = site.client.delete_attribute_mapping(profileId=identifier, certificateField="x509Subject")
    assert set(mappings(gone["profile"])) == {"x509Issuer", "x509SAN"}
    for rules in ([{"specifier": "XX"}], []):
        with refused("ValidationException", 400):
            site.client.put_attribute_mapping(
                profileId=identifier, certificateField="x509Subject", mappingRules=rules
            )
    with refused("ValidationException", 400):
        site.client.put_attribute_mapping(
            profileId=identifier, certificateField="x509Other", mappingRules=[{"specifier": "CN"}]
        )


def test_a_tag_of_the_profile_decides(site: Site) -> None:
    arn = site.profile["profileArn"]
    tagged = {"StringEquals": {"aws:ResourceTag/team": "web"}}
    alice = client(user(site.root, "alice", allow("rolesanywhere:GetProfile", Condition=tagged)))
    with refused("AccessDeniedException", 403):
        alice.get_profile(profileId=arn)
    site.client.tag_resource(resourceArn=arn, tags=[{"key": "team", "value": "web"}])
    alice.get_profile(profileId=arn)


def test_there_are_so_many_in_a_region(world_with: Callable[..., LocalWorld]) -> None:
    site = Site(world_with(limits={"anywhere_profiles": 1}))
    with refused("ValidationException", 400, "limit of 1"):
        site.client.create_profile(name="p", roleArns=[])


def test_a_session_policy_is_kept_as_it_was_written(site: Site) -> None:
    text = policy(allow("s3:GetObject"))
    made = site.client.create_profile(name="p", roleArns=[], sessionPolicy=text)["profile"]
    assert made["sessionPolicy"] == text
