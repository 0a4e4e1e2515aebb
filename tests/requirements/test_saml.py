"""People of a company, by SAML 2.0: rows SR-033, SR-123 to SR-125 and SR-130, as far as they are about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests import saml, saml_idp
from tests.client import ACCOUNT, LocalWorld, Person
from tests.people import allow, policy, refused, role, trusting
from tests.saml_idp import ENDPOINT, PROVIDER, key, signed

requirement = pytest.mark.requirement
CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"


@pytest.fixture
def there(world_with: Callable[..., LocalWorld]) -> LocalWorld:
    """A server whose quota of users is used up, with a provider."""
    world = world_with(limits={"users": 1})
    world.root.iam.create_user(UserName="only")
    world.root.iam.create_saml_provider(
        SAMLMetadataDocument=saml.metadata(keys=key().descriptor), Name="corporate"
    )
    return world


def become(world: LocalWorld, document: Any, name: str = "app") -> Person:
    answer = Person(world, "", "").unsigned_sts.assume_role_with_saml(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{name}",
        PrincipalArn=PROVIDER,
        SAMLAssertion=saml_idp.encode(document),
    )
    return world.person(answer["Credentials"])


def saying(*names: str, session: str = "alice", **terms: Any) -> Any:
    pairs = [f"arn:aws:iam::{ACCOUNT}:role/{name},{PROVIDER}" for name in names]
    values = saml_idp.usual_attributes(Role=pairs, RoleSessionName=[session])
    return signed(values=values | terms.pop("more", {}), **terms)


@requirement("SR-033")
def test_sr_033_a_trust_policy_names_a_saml_provider(there: LocalWorld) -> None:
    role(there.root, "app", trusting({"Federated": PROVIDER}, "sts:AssumeRoleWithSAML"))
    role(there.root, "dev", there.root.account)
    document = saying("app", "dev")
    become(there, document)
    with refused("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML"):
        become(there, document, "dev")


@requirement("SR-033")
def test_sr_033_a_saml_provider_that_is_not_there_is_no_principal(there: LocalWorld) -> None:
    with refused("MalformedPolicyDocument", 400):
        role(there.root, "app", trusting({"Federated": PROVIDER + "2"}, "sts:AssumeRoleWithSAML"))


@requirement("SR-123")
def test_sr_123_people_of_active_directory_assume_the_roles_of_their_groups(there: LocalWorld) -> None:
    """As AD FS is set up for AWS: roles from groups, names from claims; the trust asks for its mail."""
    mail = {"StringEquals": {"SAML:aud": ENDPOINT}, "StringLike": {"saml:mail": "*@example.com"}}
    statement = trusting({"Federated": PROVIDER}, "sts:AssumeRoleWithSAML", Condition=mail)
    for name in ("readers", "admins"):
        role(there.root, name, statement, allow("iam:ListRoles"))
    claims = {f"{CLAIMS}emailaddress": ["alice@example.com"], f"{CLAIMS}name": ["alice"]}
    alice = become(there, saying("readers", subject="EXAMPLE\\alice", more=claims), "readers")
    alice.iam.list_roles()
    with refused("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML"):
        become(there, saying("readers", more=claims), "admins")
    elsewhere = claims | {f"{CLAIMS}emailaddress": ["alice@elsewhere.example"]}
    with refused("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML"):
        become(there, saying("readers", more=elsewhere), "readers")


@requirement("SR-124")
def test_sr_124_who_is_known_outside_can_do_nothing_without_a_role(there: LocalWorld) -> None:
    role(there.root, "app", there.root.account)
    with refused("AccessDenied", 403):
        become(there, saying("app"))
    with refused("MissingAuthenticationToken", 403):
        Person(there, "", "").unsigned_sts.get_caller_identity()


@requirement("SR-125", "SR-130")
def test_sr_125_there_may_be_more_people_than_users(there: LocalWorld) -> None:
    with refused("LimitExceeded", 409):
        there.root.iam.create_user(UserName="one-more")
    role(there.root, "app", trusting({"Federated": PROVIDER}, "sts:AssumeRoleWithSAML"))
    own = allow("iam:GetUser", Condition={"StringLike": {"saml:sub": "person-1*"}})
    there.root.iam.put_role_policy(RoleName="app", PolicyName="own", PolicyDocument=policy(own))
    for number in range(20):
        person = become(there, saying("app", subject=f"person-{number}", session=f"person-{number}"))
        assert person.arn.endswith(f"/app/person-{number}")
        if str(number).startswith("1"):
            person.iam.get_user(UserName="only")
        else:
            with refused("AccessDenied", 403):
                person.iam.get_user(UserName="only")


@requirement("SR-130")
def test_sr_130_nobody_comes_in_whom_the_provider_has_not_named(there: LocalWorld) -> None:
    role(there.root, "app", trusting({"Federated": PROVIDER}, "sts:AssumeRoleWithSAML"))
    with refused("InvalidIdentityToken", 400, "Response signature invalid"):
        become(there, saying("app", by=key("second")))
