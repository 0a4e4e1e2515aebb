"""Which tokens the global endpoint of STS gives: chosen, and shown in the summary."""

from __future__ import annotations

from tests.client import Person
from tests.people import allow, refused, user


def _version(person: Person) -> int:
    version: int = person.iam.get_account_summary()["SummaryMap"]["GlobalEndpointTokenVersion"]
    return version


def test_it_needs_the_permission(root: Person) -> None:
    bob = user(root, "bob", allow("iam:GetAccountSummary"))
    with refused("AccessDenied", 403, "iam:SetSecurityTokenServicePreferences on resource: *"):
        bob.iam.set_security_token_service_preferences(GlobalEndpointTokenVersion="v2Token")
    assert _version(bob) == 1


def test_there_is_no_third_version(root: Person) -> None:
    for wrong in ({"GlobalEndpointTokenVersion": "v3Token"}, {}):
        with refused("ValidationError", 400):
            root.iam.set_security_token_service_preferences(**wrong)


def test_a_version_is_chosen_and_chosen_anew(root: Person, other: Person) -> None:
    assert _version(root) == 1
    for chosen, version in (("v2Token", 2), ("v2Token", 2), ("v1Token", 1)):
        root.iam.set_security_token_service_preferences(GlobalEndpointTokenVersion=chosen)
        assert (_version(root), _version(other)) == (version, 1)


def test_the_version_of_a_token_is_the_same_everywhere(root: Person) -> None:
    bob = user(root, "bob", allow("iam:GetUser"))
    for chosen in ("v1Token", "v2Token"):
        root.iam.set_security_token_service_preferences(GlobalEndpointTokenVersion=chosen)
        session = root.world.person(bob.sts.get_session_token()["Credentials"])
        assert session.in_region("ap-east-1").arn == bob.arn
