"""The console for people who are known elsewhere: rows SR-127 and SR-128."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import saml_idp
from tests.client import ACCOUNT, LocalWorld
from tests.endpoints.browsing import Browser, said, sign_in, signed_in, text
from tests.people import allow, assume, policy, role, trusting, user
from tests.saml_idp import PROVIDER, ROLE, key, signed
from tests.saml_world import ACTIONS, TRUSTED, saying, trust, with_provider

requirement = pytest.mark.requirement


@pytest.fixture
def there(world_with: Callable[..., LocalWorld]) -> LocalWorld:
    """A server whose quota of users is used up, with a provider and a role that trusts it."""
    world = with_provider(world_with(limits={"users": 1}))
    user(world.root, "broker", allow("sts:AssumeRole"))
    return world


def users(world: LocalWorld) -> list[str]:
    return [one["UserName"] for one in world.root.iam.list_users()["Users"]]


@requirement("SR-127")
def test_sr_127_whom_the_company_knows_is_in_the_console_without_a_user(there: LocalWorld) -> None:
    browser = Browser(there)
    form = {"SAMLResponse": saml_idp.encode(signed())}
    assert browser.post("/saml", form, origin="https://idp.example").status == 303
    assert f"arn:aws:sts::{ACCOUNT}:assumed-role/app/" in text(browser.get("/console"))
    assert users(there) == ["broker"]
    forged = {"SAMLResponse": saml_idp.encode(signed(by=key("second")))}
    refused = Browser(there).post("/saml", forged, origin="https://idp.example")
    assert (refused.status, refused.cookies) == (403, ())


@requirement("SR-127")
def test_sr_127_a_broker_of_ones_own_signs_people_in(there: LocalWorld) -> None:
    trusted = role(there.root, "staff", f"arn:aws:iam::{ACCOUNT}:user/broker")
    session = there.root.iam.create_access_key(UserName="broker")["AccessKey"]
    people = [assume(there.person(session), trusted, name) for name in ("ana", "ben")]
    for person, name in zip(people, ("ana", "ben"), strict=True):
        browser = signed_in(there, person, SessionDuration="43200")
        assert f"assumed-role/staff/{name}" in text(browser.get("/console"))
    assert users(there) == ["broker"]
    there.advance(3600)
    assert Browser(there).get("/console").status == 303
    with pytest.raises(AssertionError, match="not valid, or are over"):
        sign_in(Browser(there), people[0])


@requirement("SR-128")
def test_sr_128_a_role_is_had_at_sign_in_and_only_one_that_is_given(there: LocalWorld) -> None:
    second = f"arn:aws:iam::{ACCOUNT}:role/second"
    role(there.root, "second", trust(ACTIONS, TRUSTED))
    role(there.root, "third", trusting({"AWS": there.root.account}))
    browser = Browser(there)
    response = saml_idp.encode(saying(Role=[f"{ROLE},{PROVIDER}", f"{second},{PROVIDER}"]))
    form = {"SAMLResponse": response, "roleIndex": f"arn:aws:iam::{ACCOUNT}:role/third,{PROVIDER}"}
    assert browser.post("/saml", form, origin="https://idp.example").status == 403
    form["roleIndex"] = f"{second},{PROVIDER}"
    assert browser.post("/saml", form, origin="https://idp.example").status == 303
    assert "assumed-role/second/" in text(browser.get("/console"))
    (event,) = said(there, "ConsoleLogin")
    assert event["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] == second


@requirement("SR-128")
def test_sr_128_a_role_that_does_not_trust_the_provider_is_not_had(there: LocalWorld) -> None:
    document = policy(trusting({"AWS": there.root.account}))
    there.root.iam.update_assume_role_policy(RoleName="app", PolicyDocument=document)
    form = {"SAMLResponse": saml_idp.encode(signed())}
    refused = Browser(there).post("/saml", form, origin="https://idp.example")
    assert refused.status == 403
    assert "Not authorized to perform sts:AssumeRoleWithSAML" in text(refused)
